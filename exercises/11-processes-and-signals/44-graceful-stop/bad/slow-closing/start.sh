#!/bin/sh
trap 'sleep 3; echo "cash counted"; exit 0' TERM
echo "counter 7 open"
while true; do
    sleep 1 &
    wait $!
done
