trap 'docker rm -fv monday tuesday >/dev/null 2>&1; docker image rm -f stall:1 >/dev/null 2>&1; docker volume rm sales >/dev/null 2>&1' EXIT
docker build -q -t stall:1 --build-arg DAY=monday  stall >/dev/null
docker build -q -t stall:1 --build-arg DAY=tuesday stall >/dev/null
docker volume create sales >/dev/null
docker run --name monday  -v sales:/data stall:1 sh -c 'echo "Rs 1200" > /data/monday'
docker run --name tuesday -v sales:/data stall:1 sh -c 'echo "Rs 950" > /data/tuesday'
look() {
    docker ps -a --filter label=round=evening --format 'container {{.Names}} {{.State}}'
    docker image ls --filter label=round=evening --format 'image {{.Repository}}:{{.Tag}}'
}
look
echo "--- and clean:"
docker container prune --force --filter label=round=evening | tail -n 1
docker image prune --force --filter label=round=evening | tail -n 1
look
docker run --rm -v sales:/data stall:1 cat /data/monday /data/tuesday
