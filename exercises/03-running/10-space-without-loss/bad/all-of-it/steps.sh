#!/bin/sh
docker rm -f dukaan somvaar mangalvaar
docker volume rm khata
docker image prune -f
