#!/bin/sh
# The milk booth. While /tmp/ready is there, there is milk to sell.
trap 'rm -f /tmp/ready; echo "counter closed"; exit 0' TERM INT

echo "counting stock"
sleep 1
touch /tmp/ready
echo "counter open"

while true; do
    sleep 1 &
    wait $!
done
