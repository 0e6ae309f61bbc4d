#!/bin/sh
docker run --name tatkal-board -e STATION=NDLS -e PLATFORMS=16 tatkal-board:1
