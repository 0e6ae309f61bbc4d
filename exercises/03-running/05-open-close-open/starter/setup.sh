#!/bin/sh
# What stands on the platform.
docker run -d --init --name purana-stall busybox:1.37 sleep 600
docker run --name test-stall busybox:1.37 true
