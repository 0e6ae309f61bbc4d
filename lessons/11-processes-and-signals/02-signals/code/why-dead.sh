trap 'docker rm -f till >/dev/null 2>&1; docker image rm -f till:1 >/dev/null 2>&1' EXIT
docker build -q -t till:1 till >/dev/null
docker run --name till --memory 16m till:1 tail /dev/zero >/dev/null 2>&1 || true
docker inspect -f '{{.State.ExitCode}} {{.State.OOMKilled}} {{.State.Error}}' till
