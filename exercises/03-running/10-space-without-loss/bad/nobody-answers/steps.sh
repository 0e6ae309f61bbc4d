#!/bin/sh
docker system prune
