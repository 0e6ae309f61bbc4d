#!/bin/sh
docker create --name enquiry busybox:1.37 sh -c 'echo PNR 4821903756 confirmed'
docker start -a enquiry
