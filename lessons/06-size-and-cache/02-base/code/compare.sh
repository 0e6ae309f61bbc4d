for base in full slim; do
    docker build -t stall:$base -f $base.Dockerfile stall
    docker image inspect -f '{{index .RepoTags 0}} {{.Size}} bytes' stall:$base
    for tool in node npm sh apt-get gcc git curl python3; do
        docker run --rm stall:$base sh -c "command -v $tool >/dev/null && printf '$tool '" || true
    done
    echo
done
docker image rm -f stall:full stall:slim >/dev/null
