for way in copied-whole reinstall deps-stage prune; do
    docker build -t gaadi:$way -f $way.Dockerfile board
    echo "$way: $(docker run --rm gaadi:$way du -sh node_modules)"
    docker run --rm gaadi:$way ls node_modules
done
docker image rm -f gaadi:copied-whole gaadi:reinstall gaadi:deps-stage gaadi:prune >/dev/null
