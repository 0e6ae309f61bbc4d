trap 'docker image rm -f stall:1 >/dev/null 2>&1' EXIT
docker build -q -t stall:1 stall >/dev/null
docker run --rm             stall:1 busy
docker run --rm --cpus 0.25 stall:1 busy
