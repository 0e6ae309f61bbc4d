docker build -t bill:one-stage -f one-stage.Dockerfile shop
docker run --rm bill:one-stage pip show -f kirana | grep -e Location -e bin -e init
docker image rm -f bill:one-stage >/dev/null
