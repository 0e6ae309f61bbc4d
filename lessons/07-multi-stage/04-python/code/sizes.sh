docker build -t bill:one-stage -f one-stage.Dockerfile shop
docker build -t bill:venv -f venv.Dockerfile shop
docker image inspect -f '{{index .RepoTags 0}} {{.Size}} bytes' bill:one-stage bill:venv
docker run --rm bill:venv
docker run --rm bill:venv sh -c 'id -un; which python kirana-serve; which gcc || echo "no gcc"'
docker image rm -f bill:one-stage bill:venv >/dev/null
