#!/bin/sh
# Asks one bus where it is: ask.sh BUS PLACE. The answer is there at once, hanging up takes the modem a moment longer,
# and nobody waits for that.
echo "$1 at $2"
sleep 0.2 > /dev/null 2>&1 &
