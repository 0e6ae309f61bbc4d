docker build -t board:pune   -f board.Dockerfile board
docker build -t board:nashik -f board.Dockerfile --build-arg STATION=Nashik board
docker run --rm board:pune
docker run --rm board:nashik
docker run --rm -e STATION=Goa board:pune
docker image rm -f board:pune board:nashik >/dev/null
