trap 'docker rm -f desk >/dev/null 2>&1; docker image rm -f counter:1 >/dev/null 2>&1' EXIT
docker build -q -t counter:1 counter >/dev/null
for init in false true; do
    docker run -d --name desk --init=$init counter:1 \
        sh -c '(sleep 0.1 & sleep 0.1 &); exec sleep 300' >/dev/null
    sleep 2
    docker exec desk sh -c 'grep -h "State:.Z" /proc/[0-9]*/status 2>/dev/null || echo none' |
        sed "s/^/--init=$init: /"
    docker rm -f desk >/dev/null
done
