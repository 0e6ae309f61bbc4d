#!/bin/sh
docker volume create takings
docker run --name setup --mount source=takings,target=/data busybox:1.37 sh -c 'echo "Rs 1200" > /data/index.html'
docker rm setup
docker create --name board --publish 127.0.0.1:9090:8080 --mount source=takings,target=/data busybox:1.37 \
  sh -c 'touch /tmp/up; httpd -p 8080 -h /data; while test -e /tmp/up; do sleep 0.2; done; exit 3'
docker start board
docker update --memory 32m --memory-swap 32m --cpus 0.25 --restart unless-stopped board
