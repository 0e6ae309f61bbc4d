#!/bin/sh
# What takes the space?
docker ps -a
docker images
