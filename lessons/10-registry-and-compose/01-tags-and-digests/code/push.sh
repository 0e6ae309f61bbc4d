trap 'docker rm -f shelf >/dev/null 2>&1; docker image rm -f $(docker image ls -q --filter reference="localhost:5077/chai/*") menu:1.4.2 shelf:1 >/dev/null 2>&1' EXIT
docker build -q -t shelf:1 shelf >/dev/null
docker run -d --name shelf -p 127.0.0.1:5077:5000 shelf:1 >/dev/null; sleep 2
docker build -q -t menu:1.4.2 menu >/dev/null
docker tag  menu:1.4.2 localhost:5077/chai/menu:1.4.2
docker push -q localhost:5077/chai/menu:1.4.2
docker image inspect -f '{{index .RepoDigests 0}}' menu:1.4.2
