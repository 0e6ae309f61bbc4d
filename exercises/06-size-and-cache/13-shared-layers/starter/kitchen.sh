#!/bin/sh
# What hangs in the kitchen: shows the first dishes to cook.
echo "kitchen: first come"
head -n 3 menu.txt
