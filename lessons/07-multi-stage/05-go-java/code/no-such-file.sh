docker build -t clock:dynamic -f dynamic.Dockerfile go
docker run --rm clock:dynamic 2>&1 || echo "exit code $?"
docker image rm -f clock:dynamic >/dev/null
