#!/bin/sh
docker system df
docker system prune -f
