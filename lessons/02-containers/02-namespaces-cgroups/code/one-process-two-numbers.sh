trap 'docker rm -f room >/dev/null 2>&1; docker image rm -f room:1 >/dev/null 2>&1' EXIT
docker build -q -t room:1 room >/dev/null
docker run -d --name room --hostname kitchen room:1 >/dev/null
echo "inside:"
docker exec room hostname
docker exec room ps
echo "outside:"
docker inspect -f 'the same sleep is process {{.State.Pid}}' room
echo "kernel:"
docker exec room uname -r | cut -d- -f1
docker info -f '{{.KernelVersion}}' | cut -d- -f1
