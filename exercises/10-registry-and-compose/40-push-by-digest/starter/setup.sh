#!/bin/sh
# The API as it came out of the kitchen.
docker run --name oven busybox:1.37 sh -c 'echo adrak chai 15 > /menu.txt'
docker commit -c 'CMD ["sleep", "600"]' oven chai-api:dev
docker rm oven
