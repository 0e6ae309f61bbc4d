#!/bin/sh
# The shop, with its accounts in a volume.
docker run -d --init --name dukaan -v khata:/data busybox:1.37 sleep 600
docker exec dukaan sh -c 'echo atta 42 > /data/khata.txt'
# Two reports, and two images of one name: the first loses it to the second.
docker run --name somvaar busybox:1.37 sh -c 'echo somvaar > /report'
docker run --name mangalvaar busybox:1.37 sh -c 'echo mangalvaar > /report'
docker commit somvaar report:1
docker commit mangalvaar report:1
