#!/bin/sh
# rate.sh ITEM: what a kilo costs, from rates.csv beside this script.
here=$(dirname "$0")
while IFS=, read -r item price; do
  if [ "$item" = "$1" ]; then echo "$item: Rs $price a kg"; exit 0; fi
done < "$here/rates.csv"
echo "$1: not in the shop" >&2
exit 1
