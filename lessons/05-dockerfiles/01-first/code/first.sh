docker build -t namaste namaste
docker run --rm namaste
docker run --rm namaste date +%Y
docker image rm -f namaste >/dev/null
