docker build -t stall -f stall.Dockerfile stall
docker volume create khata
docker run --rm --hostname monday -v khata:/data stall
docker run --rm --hostname tuesday --mount type=volume,source=khata,target=/data stall
docker volume ls --filter name=khata
docker volume rm khata
docker image rm -f stall >/dev/null
