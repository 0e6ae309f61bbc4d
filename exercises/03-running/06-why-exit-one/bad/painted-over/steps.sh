#!/bin/sh
docker rm tatkal-board
docker run --name tatkal-board busybox:1.37 echo 'board: NDLS, 16 platforms'
