#!/bin/sh
trap 'echo "cash counted"; exit 0' TERM
echo "counter open"
while true; do sleep 1 & wait $!; done
