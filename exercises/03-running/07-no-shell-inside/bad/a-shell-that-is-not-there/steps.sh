#!/bin/sh
docker start munim
docker exec munim sh -c 'cat /bahi/hisaab.csv' > hisaab.csv
