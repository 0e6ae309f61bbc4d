#!/bin/sh
docker rm -f tatkal-board
docker create --name tatkal-board -e STATION=NDLS -e PLATFORMS=16 tatkal-board:1
docker start -a tatkal-board
