trap 'docker rm -f room hall >/dev/null 2>&1; docker image rm -f room:1 >/dev/null 2>&1' EXIT
docker build -q -t room:1 room >/dev/null
docker run -d --name room room:1 >/dev/null
docker run -d --name hall room:1 >/dev/null
for wall in mnt pid net ipc uts user; do
    a=$(docker exec room readlink /proc/1/ns/$wall)
    b=$(docker exec hall readlink /proc/1/ns/$wall)
    [ "$a" = "$b" ] && echo "$wall: shared  $a" || echo "$wall: own     $a  $b"
done
