trap 'docker rm -f morning evening >/dev/null 2>&1; docker image rm -f chai-stall:1 >/dev/null 2>&1' EXIT
docker build -q -t chai-stall:1 stall >/dev/null
docker run --name morning chai-stall:1 sh -c 'echo "masala sold out" >> /menu.txt' >/dev/null
docker run --name evening chai-stall:1 >/dev/null
docker ps -a --filter name=morning --filter name=evening \
    --format '{{.Names}}: {{.State}}, made of {{.Image}}'
docker diff morning
docker ps -a --size --filter name=evening --format '{{.Names}}: {{.Size}}'
