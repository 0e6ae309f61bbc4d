#!/bin/sh
docker run --rm -v khata:/data busybox:1.37 sh -c 'mkdir -p /data/2026; echo atta 42 > /data/atta.txt; echo chini 44 > /data/2026/chini.txt; echo hidden > /data/.owner'
docker run --rm -v khata:/from busybox:1.37 sh -c 'cd /from && tar -c *' > khata.tar
docker run --rm -i -v khata-naya:/to busybox:1.37 tar -C /to -x < khata.tar
