#!/bin/sh
docker cp munim:/bahi/hisaab.csv bahi.csv
