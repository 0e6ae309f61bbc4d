#!/bin/sh
echo "$(hostname) opened" >> /data/visits.txt
cat /data/visits.txt
