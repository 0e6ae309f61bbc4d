#!/bin/sh
docker run --rm -v bahi:/b:ro busybox:1.37 cat /b/hisaab.csv > hisaab.csv
