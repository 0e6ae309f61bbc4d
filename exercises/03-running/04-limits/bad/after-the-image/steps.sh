#!/bin/sh
docker run -d --name chaat busybox:1.37 sleep 600 --memory 64m --cpus 0.5
