#!/bin/sh
docker rm tatkal-board
docker run --name tatkal-board -e PLATFORMS=16 tatkal-board:1
