#!/bin/sh
docker run -d --name galla --expose 8080 busybox:1.37 httpd -f -p 8080
