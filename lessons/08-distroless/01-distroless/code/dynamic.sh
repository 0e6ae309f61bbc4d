docker build -t who:on-static --target on-static -f dynamic.Dockerfile clock
docker build -t who:on-base --target on-base -f dynamic.Dockerfile clock
docker run --rm who:on-static 2>&1 || echo "exit code $?"
docker run --rm who:on-base
docker image rm -f who:on-static who:on-base >/dev/null
