#!/bin/sh
# For the evening: how many dishes were on the menu, and what they cost together.
awk -F, '{ n++; sum += $2 } END { print "report: " n " dishes, Rs " sum }' /import/menu.csv
