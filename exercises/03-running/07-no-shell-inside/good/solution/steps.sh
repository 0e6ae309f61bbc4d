#!/bin/sh
docker cp munim:/bahi/hisaab.csv hisaab.csv
