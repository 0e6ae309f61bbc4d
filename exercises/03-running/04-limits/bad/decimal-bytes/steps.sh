#!/bin/sh
docker run -d --name chaat --memory 64000000 --cpus 0.5 busybox:1.37 sleep 600
