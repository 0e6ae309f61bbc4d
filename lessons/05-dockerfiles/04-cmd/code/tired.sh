docker build -t booth -f booth.Dockerfile booth
docker run -d --name booth-now --restart always booth >/dev/null
sleep 4
docker inspect -f '{{.State.Health.Status}}, {{.State.Status}}' booth-now
docker exec booth-now rm /tmp/open
sleep 8
docker inspect -f '{{.State.Health.Status}}, {{.State.Status}}, {{.RestartCount}} restarts' \
    booth-now
docker rm -f booth-now >/dev/null; docker image rm -f booth >/dev/null
