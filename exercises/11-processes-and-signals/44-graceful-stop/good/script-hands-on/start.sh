#!/bin/sh
echo "12139 Sewagram Express  Nagpur 07:15"
/app/counter.sh &
child=$!
trap 'kill -TERM $child' TERM INT
# The first wait ends with the trap, the second with the child and its own code.
wait $child
wait $child
