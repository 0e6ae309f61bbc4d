#!/bin/sh
python3 tracker.py &
tracker=$!
trap 'kill -TERM "$tracker"; wait "$tracker"; exit 0' TERM INT
wait "$tracker"
exit 0
