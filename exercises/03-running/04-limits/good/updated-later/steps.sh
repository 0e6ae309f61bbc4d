#!/bin/sh
docker container run -dit --name=chaat busybox:1.37 sleep 600
docker update -m 65536k --memory-swap 65536k --cpus .5 chaat
