docker build -t where -f workdir.Dockerfile board
docker run --rm where
docker image rm -f where >/dev/null
