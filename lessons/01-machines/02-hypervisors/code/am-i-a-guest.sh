trap 'docker image rm -f look:1 >/dev/null 2>&1' EXIT
docker build -q -t look:1 look >/dev/null
echo "this machine:"
grep -c -w hypervisor /proc/cpuinfo || true
echo "a container on it:"
docker run --rm look:1
