trap 'docker image rm -f vendor:1 >/dev/null 2>&1' EXIT
docker build -q -t vendor:1 look >/dev/null
cat /sys/class/dmi/id/sys_vendor 2>/dev/null || echo "no vendor given"
docker run --rm vendor:1
docker version --format 'processor {{.Server.Arch}}'
