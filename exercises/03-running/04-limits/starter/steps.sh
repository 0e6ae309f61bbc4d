#!/bin/sh
# Start the stall, with limits.
docker run -d --name chaat busybox:1.37 sleep 600
