#!/bin/sh
docker run -d --name chaat --memory 64m --cpus 0.5 busybox:1.37 sleep 600
