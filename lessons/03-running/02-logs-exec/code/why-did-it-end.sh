trap 'docker rm -f till >/dev/null 2>&1; docker image rm -f till:1 >/dev/null 2>&1' EXIT
docker build -q -t till:1 till >/dev/null
docker run -d --name till till:1 >/dev/null; sleep 1
docker ps --filter name=till -q
docker ps -a --filter name=till --format '{{.Names}} {{.State}}'
docker inspect -f 'exit code {{.State.ExitCode}}, out of memory: {{.State.OOMKilled}}' till
docker logs till 2>&1
echo "--- with the variable"
docker rm till >/dev/null
docker run -d --name till -e SHOP=Ganesh till:1 >/dev/null; sleep 1
docker logs till 2>&1 | head -n 1
