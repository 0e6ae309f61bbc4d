#!/bin/sh
docker container run -d --name=enquiry --entrypoint printf busybox:1.37 'PNR %s confirmed\n' 4821903756
sleep 1
