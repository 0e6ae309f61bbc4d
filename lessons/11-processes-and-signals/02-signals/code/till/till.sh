#!/bin/sh
# A till. While it is open, a lock says so; told to close, it counts and takes the lock away.
touch /tmp/till.lock
trap 'echo "cash counted"; rm /tmp/till.lock; exit 0' TERM
echo "till open"
while true; do
    sleep 1 &
    wait $!
done
