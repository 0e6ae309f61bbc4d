#!/bin/sh
# The weather desk. `serve` keeps it open, `forecast PLACE` tells the weather of a place.
set -eu
case "${1:-}" in
serve)
    echo open > /tmp/open
    echo "desk of ${CITY:-nowhere} open"
    trap 'exit 0' TERM
    while true; do sleep 1 & wait $!; done
    ;;
forecast)
    grep "^$2:" data/forecast.txt || { echo "no forecast for $2"; exit 1; }
    ;;
*)
    echo "desk: serve, or forecast PLACE" >&2
    exit 2
    ;;
esac
