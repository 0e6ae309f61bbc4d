trap 'docker rm -f till >/dev/null 2>&1; docker image rm -f till:1 >/dev/null 2>&1' EXIT
docker build -q -t till:1 till >/dev/null
how() {
    docker inspect -f 'exit {{.State.ExitCode}}, out of memory: {{.State.OOMKilled}}' till
    docker rm till >/dev/null
}
try() { printf '%-30s ' "$1"; shift; docker run --name till "$@" >/dev/null 2>&1 || true; how; }
try "all went well"              till:1 true
try "it said 3 itself"           till:1 sh -c 'exit 3'
try "a file, but no program"     till:1 /etc/passwd
try "no such program"            till:1 chai
try "more memory than allowed"   --memory 16m till:1 tail /dev/zero
printf '%-30s ' "docker kill"
docker run -d --name till till:1 sleep 300 >/dev/null
docker kill till >/dev/null; how
printf '%-30s ' "docker stop, SIGTERM is heard"
docker run -d --init --name till till:1 sleep 300 >/dev/null
docker stop till >/dev/null; how
