docker build -q -t look --target frontend -f full-stack.Dockerfile dhaba >/dev/null
docker run --rm look ls
docker run --rm look ls -lh dist/assets
docker image rm -f look >/dev/null
