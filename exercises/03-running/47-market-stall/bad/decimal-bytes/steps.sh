#!/bin/sh
docker run --rm -v takings:/data busybox:1.37 sh -c 'echo "Rs 1200" > /data/index.html'
docker run -d --name board -p 127.0.0.1:8080:8080 -v takings:/data \
  --memory 32000000 --cpus 0.25 --restart unless-stopped busybox:1.37 \
  sh -c 'touch /tmp/up; httpd -p 8080 -h /data; while test -e /tmp/up; do sleep 0.2; done; exit 3'
