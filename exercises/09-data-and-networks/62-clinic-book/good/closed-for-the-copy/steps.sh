#!/bin/sh
docker volume create appointments
docker volume create appointments-copy
docker network create --internal clinic
docker network create hall
docker create --name morning --mount source=appointments,target=/data busybox:1.37 httpd -f -p 8000 -h /data
docker start morning
docker exec morning sh -c 'echo 10:00 Meena >> /data/today.txt; hostname >> /data/.kept-by'
docker stop -t 1 morning
docker rm morning
docker run -d --name book --network clinic --restart unless-stopped --mount type=volume,source=appointments,target=/data busybox:1.37 \
  httpd -f -p 8000 -h /data
docker exec book sh -c 'echo 16:30 Arun >> /data/today.txt; hostname >> /data/.kept-by'
docker stop -t 1 book
docker cp book:/data/. - > book.tar
docker create --name shelf -v appointments-copy:/to busybox:1.37
docker cp - shelf:/to < book.tar
docker rm shelf
docker start book
docker run -d --name desk --network hall -p 127.0.0.1:8081:8080 busybox:1.37 httpd -f -p 8080
docker network connect clinic desk
docker run -d --name screen --network hall busybox:1.37 sleep 600
