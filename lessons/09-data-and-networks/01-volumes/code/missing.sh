docker build -t stall -f stall.Dockerfile stall
docker volume create -o type=none -o o=bind -o device=/no/such/folder almirah
docker run --rm -v almirah:/data stall 2>&1 | grep -o 'no such file.*' || true
docker run --rm --mount type=bind,source=/no/such/folder,target=/data stall 2>&1 |
    grep -o 'bind source.*' || true
docker volume rm almirah
docker image rm -f stall >/dev/null
