#!/bin/sh
docker run -d -p 127.0.0.1:8080:8080 busybox:1.37 httpd -f -p 8080
