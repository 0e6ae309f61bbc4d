#!/bin/sh
docker run -d --name meter busybox:1.37 \
  sh -c 'touch /tmp/up; while test -e /tmp/up; do sleep 0.2; done; exit 3'
docker update --restart unless-stopped meter
