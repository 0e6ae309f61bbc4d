#!/bin/sh
docker network create clinic
docker run -d --name screen --network none busybox:1.37 sleep 600
docker run -d --name desk --network clinic -p 127.0.0.1::8080 busybox:1.37 httpd -f -p 8080
docker run -d --name book -v appointments:/data busybox:1.37 sh -c 'mkdir -p /data; httpd -f -p 8000 -h /data'
sleep 1
docker exec book sh -c 'echo 10:00 Meena >> /data/today.txt; hostname >> /data/.kept-by'
docker rm -f book
docker run -d --name book -v appointments:/data busybox:1.37 sh -c 'mkdir -p /data; httpd -f -p 8000 -h /data'
docker network connect clinic book
sleep 1
docker exec book sh -c 'echo 16:30 Arun >> /data/today.txt; hostname >> /data/.kept-by'
docker run --rm -v appointments:/from -v shelf:/b busybox:1.37 tar -czf /b/book.tgz -C /from .
docker run --rm -v appointments-copy:/to -v shelf:/b busybox:1.37 tar -xzf /b/book.tgz -C /to
