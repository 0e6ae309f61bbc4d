for probe in no-curl node-asks; do
    docker build -t stall:$probe -f $probe.Dockerfile booth
    docker run -d --name stall-now stall:$probe >/dev/null
    sleep 5
    docker inspect -f "$probe: {{.State.Health.Status}}" stall-now
    docker inspect -f '{{(index .State.Health.Log 0).Output}}' stall-now | grep . || true
    docker rm -f stall-now >/dev/null
done
docker image rm -f stall:no-curl stall:node-asks >/dev/null
