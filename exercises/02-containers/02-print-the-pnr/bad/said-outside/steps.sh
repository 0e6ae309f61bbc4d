#!/bin/sh
docker run --name enquiry busybox:1.37 true
echo 'PNR 4821903756 confirmed'
