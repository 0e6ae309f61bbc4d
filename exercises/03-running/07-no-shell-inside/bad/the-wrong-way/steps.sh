#!/bin/sh
docker cp hisaab.csv munim:/bahi/hisaab.csv
