#!/bin/sh
docker rm somvaar mangalvaar
docker image prune --force
