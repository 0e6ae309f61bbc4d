#!/bin/sh
docker run -d --name dukaan busybox:1.37 \
  sh -c 'mkdir -p /data; hostname >> /data/visits.txt; sleep 600'
sleep 1
docker rm -f dukaan
docker run -d --name dukaan busybox:1.37 \
  sh -c 'mkdir -p /data; hostname >> /data/visits.txt; sleep 600'
