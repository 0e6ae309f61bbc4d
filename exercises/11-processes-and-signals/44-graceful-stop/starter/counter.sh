#!/bin/sh
# Counter 7. Told to stop, it counts its cash first.
close() {
    echo "counting cash"
    sleep 0.3
    echo "cash counted"
    exit 0
}
trap close TERM INT

echo "counter 7 open"
while true; do
    # In the background and waited for: a shell runs its traps only between commands.
    sleep 1 &
    wait $!
done
