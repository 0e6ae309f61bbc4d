#!/bin/sh
docker run --rm -v khata:/data busybox:1.37 sh -c 'mkdir -p /data/2026; echo atta 42 > /data/atta.txt; echo chini 44 > /data/2026/chini.txt; echo hidden > /data/.owner'
docker volume create backup
docker run --rm -v khata:/from -v backup:/b busybox:1.37 tar -czf /b/khata.tgz -C /from .
docker run --rm -v khata-naya:/to -v backup:/b busybox:1.37 tar -xzf /b/khata.tgz -C /to
