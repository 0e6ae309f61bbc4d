#!/bin/sh
docker run -d --name meter --restart unless-stopped busybox:1.37 sh -c 'exit 3'
sleep 1
docker stop meter
