#!/bin/sh
docker network create kitchen
docker network create hall
docker run -d --name rasoi --network kitchen busybox:1.37 httpd -f -p 8000
docker run -d --name waiter --network hall busybox:1.37 sleep 600
docker network connect kitchen waiter
docker run -d --name guest --network hall busybox:1.37 sleep 600
