#!/bin/sh
docker logs tatkal-board
docker inspect -f '{{json .Config.Env}}' tatkal-board
docker rm tatkal-board
docker run --name tatkal-board -e STATION=NDLS -e PLATFORMS=16 tatkal-board:1
