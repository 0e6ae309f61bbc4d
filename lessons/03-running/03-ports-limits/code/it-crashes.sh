trap 'docker rm -f meter >/dev/null 2>&1; docker image rm -f stall:1 >/dev/null 2>&1' EXIT
docker build -q -t stall:1 stall >/dev/null
docker run -d --name meter --restart on-failure:3 stall:1 \
    sh -c 'sleep 0.5; exit 3' >/dev/null
sleep 5
docker inspect -f \
    'restarts {{.RestartCount}}, {{.State.Status}} with code {{.State.ExitCode}}' meter
