trap 'docker image rm -f server:1 >/dev/null 2>&1' EXIT
docker build -q -t server:1 server >/dev/null
docker run --rm server:1 sh -c '
    listen booking 8000
    listen tracking 8000
' || true
