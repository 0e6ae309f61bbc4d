#!/bin/sh
# The next train of a station: board.sh STATION
case "$1" in
    Pune) echo "Next train at Pune: 07:10 Deccan Queen" ;;
    Nashik) echo "Next train at Nashik: 06:15 Panchavati" ;;
    "") echo "usage: board.sh STATION" >&2; exit 2 ;;
    *) echo "No train at $1 today" ;;
esac
