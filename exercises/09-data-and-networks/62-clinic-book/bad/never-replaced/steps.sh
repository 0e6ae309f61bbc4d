#!/bin/sh
docker network create clinic
docker network create hall
docker run -d --name book --network clinic -v appointments:/data busybox:1.37 sh -c 'mkdir -p /data; httpd -f -p 8000 -h /data'
sleep 1
docker exec book sh -c 'echo 10:00 Meena >> /data/today.txt; hostname >> /data/.kept-by'
docker exec book sh -c 'echo 16:30 Arun >> /data/today.txt; hostname >> /data/.kept-by'
docker run -d --name desk --network clinic -p 127.0.0.1:8080:8080 busybox:1.37 httpd -f -p 8080
docker run -d --name screen --network hall busybox:1.37 sleep 600
docker run --rm -v appointments:/from:ro busybox:1.37 tar -C /from -c . > book.tar
docker run --rm -i -v appointments-copy:/to busybox:1.37 tar -C /to -x < book.tar
