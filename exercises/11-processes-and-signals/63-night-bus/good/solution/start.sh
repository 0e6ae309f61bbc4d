#!/bin/sh
# Process 1. It buries orphans (a shell that waits takes note of every child, its own or not) and hands the signal on.
python3 tracker.py &
tracker=$!
trap 'kill -TERM "$tracker"; wait "$tracker"; exit $?' TERM INT
wait "$tracker"
