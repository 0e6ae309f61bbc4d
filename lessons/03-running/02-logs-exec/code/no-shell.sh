trap 'docker rm -f bare >/dev/null 2>&1; docker image rm -f bare:1 till:1 >/dev/null 2>&1' EXIT
docker build -q -t bare:1 bare >/dev/null
docker build -q -t till:1 till >/dev/null
docker run -d --name bare bare:1 >/dev/null
docker exec bare sh -c ls 2>&1 | grep -o 'exec: "sh": .*PATH' || true
docker cp bare:/menu.txt copy-of-menu.txt 2>/dev/null
cat copy-of-menu.txt
docker run --rm --pid container:bare --network container:bare till:1 ps
