for way in jdk jre jlink; do
    docker build -t board:$way -f $way.Dockerfile java
    docker image inspect -f '{{index .RepoTags 0}} {{.Size}} bytes' board:$way
done
docker run --rm board:jlink
docker image rm -f board:jdk board:jre board:jlink >/dev/null
