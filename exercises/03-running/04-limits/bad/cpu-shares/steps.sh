#!/bin/sh
docker run -d --name chaat -m 64m --cpu-shares 512 busybox:1.37 sleep 600
