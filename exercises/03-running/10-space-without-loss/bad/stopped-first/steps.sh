#!/bin/sh
docker stop -t 1 dukaan
docker container prune -f
docker image prune -f
