trap 'docker rm -f thali >/dev/null 2>&1; docker image rm -f stall:1 >/dev/null 2>&1' EXIT
docker build -q -t stall:1 stall >/dev/null
docker run -d --name thali stall:1
docker ps -q --filter name=thali
first=$(docker ps -q --filter name=thali | cut -c1-4)
docker stop "$first" >/dev/null && echo "stopped by four letters"
