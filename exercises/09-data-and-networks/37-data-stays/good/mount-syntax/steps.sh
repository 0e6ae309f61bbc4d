#!/bin/sh
docker volume create khata
docker run -d --name kal --mount type=volume,source=khata,target=/data busybox:1.37 \
  sh -c 'mkdir -p /data; hostname >> /data/visits.txt; sleep 600'
sleep 1
docker stop -t 0 kal && docker rm kal
docker run -d --name dukaan --mount src=khata,dst=/data busybox:1.37 \
  sh -c 'mkdir -p /data; hostname >> /data/visits.txt; sleep 600'
sleep 1
