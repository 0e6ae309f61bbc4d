docker build -t clock:static -f static.Dockerfile go
docker image inspect -f '{{index .RepoTags 0}} {{.Size}} bytes' clock:static
docker run --rm clock:static
docker image rm -f clock:static >/dev/null
