#!/bin/sh
docker run -d --name galla -p 127.0.0.1:8080:80 busybox:1.37 httpd -f -p 8080
