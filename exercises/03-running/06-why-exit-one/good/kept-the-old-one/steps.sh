#!/bin/sh
docker rename tatkal-board bujha-board
docker run -d --env=PLATFORMS=16 --env STATION=NDLS --name tatkal-board tatkal-board:1
docker wait tatkal-board
