#!/bin/sh
# Stands for the download of a day's raw data: 24 files of 2 MB, one for each hour.
set -eu
mkdir -p "$1"
hour=0
while [ "$hour" -lt 24 ]; do
    yes "$hour 12951 Mumbai Rajdhani 22209 Duronto 12301 Howrah Rajdhani" | head -c 2000000 > "$1/$hour.raw"
    hour=$((hour + 1))
done
