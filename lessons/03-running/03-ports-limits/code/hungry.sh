trap 'docker rm -f hungry >/dev/null 2>&1; docker image rm -f stall:1 >/dev/null 2>&1' EXIT
docker build -q -t stall:1 stall >/dev/null
docker run --name hungry --memory 64m --memory-swap 64m stall:1 tail /dev/zero ||
    echo "exit code $?"
docker inspect -f 'out of memory: {{.State.OOMKilled}}' hungry
