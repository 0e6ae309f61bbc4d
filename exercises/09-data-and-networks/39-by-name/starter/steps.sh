#!/bin/sh
docker run -d --name rasoi busybox:1.37 httpd -f -p 8000
docker run -d --name waiter busybox:1.37 sleep 600
docker run -d --name guest busybox:1.37 sleep 600
