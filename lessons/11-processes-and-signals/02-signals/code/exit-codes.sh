how() { docker inspect -f 'exit {{.State.ExitCode}}, out of memory: {{.State.OOMKilled}}' ending; docker rm ending >/dev/null; }
try() { printf '%-30s ' "$1"; shift; docker run --name ending "$@" >/dev/null 2>&1 || true; how; }
try "all went well"              busybox:1.37 true
try "it said 3 itself"           busybox:1.37 sh -c 'exit 3'
try "a file, but no program"     busybox:1.37 /etc/passwd
try "no such program"            busybox:1.37 chai
try "more memory than allowed"   --memory 16m busybox:1.37 tail /dev/zero
printf '%-30s ' "docker kill"
docker run -d --name ending busybox:1.37 sleep 300 >/dev/null; docker kill ending >/dev/null; how
printf '%-30s ' "docker stop, SIGTERM is heard"
docker run -d --init --name ending busybox:1.37 sleep 300 >/dev/null; docker stop ending >/dev/null; how
