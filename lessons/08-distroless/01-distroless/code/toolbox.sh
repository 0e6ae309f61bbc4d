docker build -t counter:1 -f node.Dockerfile counter
docker build -t toolbox -f toolbox.Dockerfile counter
docker run -d --name counter counter:1 >/dev/null; sleep 1

docker run --rm --network container:counter toolbox wget -qO- localhost:3000
docker run --rm --pid container:counter toolbox ps
docker cp counter:/app/server.js - | tar t

docker rm -f counter >/dev/null
docker image rm -f counter:1 toolbox >/dev/null
