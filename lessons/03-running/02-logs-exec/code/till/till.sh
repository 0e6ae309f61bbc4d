#!/bin/sh
# A till that writes a line now and then. It needs to know whose it is.
[ -n "$SHOP" ] || { echo "till: SHOP is not set" >&2; exit 1; }
trap 'echo "got INT, closing"; exit 7' INT
echo "till of $SHOP is open"
mkdir -p /data
n=0
while n=$((n + 1)); do
    echo "sale $n" | tee -a /data/sales.txt
    sleep 1 & wait
done
