#!/bin/sh
docker container cp munim:/bahi/hisaab.csv .
