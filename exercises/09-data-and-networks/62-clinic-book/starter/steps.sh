#!/bin/sh
# The book: a page of appointments, which the desk reads on port 8000. Its container is replaced at noon.
docker run -d --name book busybox:1.37 sh -c 'mkdir -p /data; httpd -f -p 8000 -h /data'
sleep 1
docker exec book sh -c 'echo 10:00 Meena >> /data/today.txt; hostname >> /data/.kept-by'
docker rm -f book
docker run -d --name book busybox:1.37 sh -c 'mkdir -p /data; httpd -f -p 8000 -h /data'
sleep 1
docker exec book sh -c 'echo 16:30 Arun >> /data/today.txt; hostname >> /data/.kept-by'
# The reception desk, and the screen of the waiting room.
docker run -d --name desk -p 8080:8080 busybox:1.37 httpd -f -p 8080
docker run -d --name screen busybox:1.37 sleep 600
