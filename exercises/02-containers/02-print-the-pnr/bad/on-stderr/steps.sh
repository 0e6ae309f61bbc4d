#!/bin/sh
docker run --name enquiry busybox:1.37 sh -c 'echo PNR 4821903756 confirmed >&2'
