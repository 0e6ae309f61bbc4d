#!/bin/sh
# From the old server, where it ran for years. The last line keeps the container alive.
nohup python3 tracker.py > /tmp/tracker.log 2>&1 &
tail -f /dev/null
