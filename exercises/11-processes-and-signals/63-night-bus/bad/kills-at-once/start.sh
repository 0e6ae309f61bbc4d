#!/bin/sh
python3 tracker.py &
tracker=$!
trap 'kill -9 "$tracker"; exit 0' TERM INT
wait "$tracker"
