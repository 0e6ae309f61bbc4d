for way in later same; do
    docker build -t report:$way -f $way.Dockerfile board
    docker image inspect -f '{{index .RepoTags 0}} {{.Size}} bytes' report:$way
done
docker image rm -f report:later report:same >/dev/null
