#!/bin/sh
# Grinds the spices: sorts them, counts them, and leaves a heap of husk that nobody needs in the shop.
sort spices.txt > garam-masala.txt
echo "$(wc -l < spices.txt) spices, ground" >> garam-masala.txt
head -c 300000 /dev/zero > husk
