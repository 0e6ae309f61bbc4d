docker build -t stall -f stall.Dockerfile stall
docker run --rm --hostname monday stall
docker run --rm --hostname tuesday stall
docker image rm -f stall >/dev/null
