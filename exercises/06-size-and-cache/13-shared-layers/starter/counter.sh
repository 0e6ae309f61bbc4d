#!/bin/sh
# What stands at the counter: tells how many dishes can be ordered.
echo "counter: $(grep -c . menu.txt) dishes"
