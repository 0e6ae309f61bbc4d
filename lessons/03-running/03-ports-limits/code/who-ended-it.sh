trap 'docker rm -f meter >/dev/null 2>&1; docker image rm -f stall:1 >/dev/null 2>&1' EXIT
docker build -q -t stall:1 stall >/dev/null
tell() { sleep 2; docker inspect -f "$1: {{.State.Status}}" meter; }
docker run -d --name meter --restart always stall:1 \
    sh -c 'touch /up; while [ -e /up ]; do sleep 0.2; done; exit 3' >/dev/null
docker exec meter rm /up;          tell "after a crash inside"
docker stop -t 1 meter >/dev/null; tell "after docker stop"
docker start meter >/dev/null
docker kill meter >/dev/null;      tell "after docker kill"
