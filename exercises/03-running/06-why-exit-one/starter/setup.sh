#!/bin/sh
# The image, and the container that a colleague started.
docker create --name maker busybox:1.37
docker cp board.sh maker:/bin/board
docker commit -c 'CMD ["sh", "/bin/board"]' maker tatkal-board:1
docker rm maker
docker run -d --name tatkal-board -e STATION=NDLS -e PLATFORMS=solah tatkal-board:1
