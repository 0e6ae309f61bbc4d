docker build -t bill:full --target full -f libpq.Dockerfile shop
docker build -t bill:slim --target slim -f libpq.Dockerfile shop
docker run --rm bill:full
docker run --rm bill:slim 2>&1 | tail -n 1
docker image rm -f bill:full bill:slim >/dev/null
