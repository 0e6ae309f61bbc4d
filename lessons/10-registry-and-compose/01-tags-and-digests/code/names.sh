trap 'docker rm -f shelf >/dev/null 2>&1; docker image rm -f $(docker image ls -q --filter reference="localhost:5077/chai/*") menu:1.4.2 shelf:1 >/dev/null 2>&1' EXIT
docker build -q -t menu:1.4.2 menu >/dev/null
docker tag menu:1.4.2 localhost:5077/chai/menu:latest
docker image ls --format '{{.Repository}}:{{.Tag}} {{.ID}}' | grep menu | sort
