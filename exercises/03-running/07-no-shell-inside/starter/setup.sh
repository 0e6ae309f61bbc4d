#!/bin/sh
# The books, and the munim who keeps them.
docker run --rm -v bahi:/bahi busybox:1.37 sh -c 'head -c 300 /dev/urandom | sha256sum > /bahi/hisaab.csv'
docker create --name munim -v bahi:/bahi gcr.io/distroless/static-debian13:nonroot /munim
