docker build -t stall:full -f full.Dockerfile stall
docker history --format '{{.Size}}\t{{.CreatedBy}}' stall:full | tail -n 8
docker image rm -f stall:full >/dev/null
