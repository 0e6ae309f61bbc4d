#!/bin/sh
# Why does it end?
docker ps -a
