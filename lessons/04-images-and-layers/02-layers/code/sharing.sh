list() {
    docker image inspect -f '{{range .RootFS.Layers}}{{println .}}{{end}}' "$1" |
        grep . | cut -c 8-19 | tr '\n' ' '
    echo "$1"
}
docker build -t counter -f counter.Dockerfile thali
docker build -t kitchen -f kitchen.Dockerfile thali
sleep 2
docker build -t own-first -f own-first.Dockerfile thali
list counter
list kitchen
list own-first
docker image rm -f counter kitchen own-first >/dev/null
