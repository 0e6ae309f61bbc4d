#!/bin/sh
nohup python3 tracker.py > /tmp/tracker.log 2>&1 &
tracker=$!
trap 'kill -TERM "$tracker"; wait "$tracker"; exit $?' TERM INT
wait "$tracker"
