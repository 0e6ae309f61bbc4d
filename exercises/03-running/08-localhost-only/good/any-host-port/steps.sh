#!/bin/sh
docker create --name galla --publish=127.0.0.1::8080/tcp busybox:1.37 httpd -f -p 8080
docker start galla
