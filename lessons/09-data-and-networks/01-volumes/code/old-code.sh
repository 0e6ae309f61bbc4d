docker build -t menu:1 --build-arg VERSION=1 -f version.Dockerfile stall
docker build -t menu:2 --build-arg VERSION=2 -f version.Dockerfile stall
docker run --rm -v app:/app menu:1
docker run --rm -v app:/app menu:2
docker run --rm menu:2
docker volume rm app >/dev/null
docker image rm -f menu:1 menu:2 >/dev/null
