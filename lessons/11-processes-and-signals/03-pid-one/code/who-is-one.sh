trap 'docker rm -f desk >/dev/null 2>&1; docker image rm -f counter:stays >/dev/null 2>&1' EXIT
docker build -q -t counter:stays -f shell-stays.Dockerfile counter >/dev/null
docker run -d --name desk counter:stays >/dev/null; sleep 1
docker exec desk ps | grep counter
