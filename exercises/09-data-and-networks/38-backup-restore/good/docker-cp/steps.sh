#!/bin/sh
docker run --rm -v khata:/data busybox:1.37 sh -c 'mkdir -p /data/2026; echo atta 42 > /data/atta.txt; echo chini 44 > /data/2026/chini.txt; echo hidden > /data/.owner'
docker create --name a -v khata:/from busybox:1.37
docker create --name b -v khata-naya:/to busybox:1.37
docker cp a:/from/. - > khata.tar
docker cp - b:/to < khata.tar
docker rm a b
