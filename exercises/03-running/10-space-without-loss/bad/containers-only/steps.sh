#!/bin/sh
docker container prune -f
