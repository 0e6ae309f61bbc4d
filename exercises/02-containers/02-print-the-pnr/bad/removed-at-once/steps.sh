#!/bin/sh
docker run --rm --name enquiry busybox:1.37 echo 'PNR 4821903756 confirmed'
