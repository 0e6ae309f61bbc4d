#!/bin/sh
# A catalogue of 20 MB with many pictures.
head -c 20000000 /dev/urandom
