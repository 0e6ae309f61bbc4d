#!/bin/sh
docker run -d --name galla -p 127.0.0.1:8080:8080 -p 8081:8080 busybox:1.37 httpd -f -p 8080
