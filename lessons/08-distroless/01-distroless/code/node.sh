docker build -t counter:twice -f node-twice.Dockerfile counter
docker run --rm counter:twice 2>&1 | grep 'Cannot find'
docker build -t counter:1 -f node.Dockerfile counter
docker run -d --name counter counter:1 >/dev/null
sleep 1; docker logs counter
docker rm -f counter >/dev/null
docker image rm -f counter:twice counter:1 >/dev/null
