trap 'docker image rm -f stall:1 >/dev/null 2>&1' EXIT
docker build -q -t stall:1 stall >/dev/null
docker run --rm -e DISH=poha stall:1 sh -c 'echo "today: $DISH"'
docker run --rm --workdir /tmp stall:1 pwd
docker run --rm --user 1000 --hostname kitchen stall:1 sh -c 'id -u; hostname'
