trap 'docker rm -f thali >/dev/null 2>&1; docker image rm -f stall:1 >/dev/null 2>&1' EXIT
docker build -q -t stall:1 stall >/dev/null
look() { docker ps "$@" --filter name=thali --format '{{.Names}} {{.State}}'; }
echo "run:";   docker run -d --name thali stall:1
look
echo "stop:";  docker stop thali
look; echo "(nothing)"
look -a
echo "start:"; docker start thali
look
echo "rm:";    docker rm thali 2>&1 | fold -s -w 80
docker rm -f thali
