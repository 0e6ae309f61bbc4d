docker build -t bill:user -f user.Dockerfile shop
docker run --rm bill:user 2>&1 | tail -n 1
docker run --rm bill:user ls /root/.local 2>&1 || true
docker image rm -f bill:user >/dev/null
