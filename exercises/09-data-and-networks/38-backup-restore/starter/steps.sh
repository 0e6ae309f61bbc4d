#!/bin/sh
docker run --rm -v khata:/data busybox:1.37 sh -c 'mkdir -p /data/2026; echo atta 42 > /data/atta.txt; echo chini 44 > /data/2026/chini.txt; echo hidden > /data/.owner'
