docker build -t who:static -f static.Dockerfile clock
docker run --rm who:static
docker image inspect -f '{{.Size}} bytes, user {{.Config.User}}' who:static
docker run --rm --entrypoint sh who:static 2>&1 | grep -o 'exec: .*' || true
docker image rm -f who:static >/dev/null
