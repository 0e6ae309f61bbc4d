#!/bin/sh
docker create --name chai-stall busybox:1.37 sh -c 'echo dukaan khuli; trap "exit 0" TERM; while :; do sleep 1; done'
docker start chai-stall
docker kill -s TERM chai-stall
docker wait chai-stall
docker container start chai-stall
docker rm -f purana-stall test-stall
