trap 'docker rm -f shelf >/dev/null 2>&1; docker image rm -f $(docker image ls -q --filter reference="localhost:5077/chai/*") menu:1.4.2 shelf:1 >/dev/null 2>&1' EXIT
docker build -q -t shelf:1 shelf >/dev/null
docker run -d --name shelf -p 127.0.0.1:5077:5000 shelf:1 >/dev/null; sleep 2
release() {
    docker build -q -t localhost:5077/chai/menu:1.4.2 --build-arg PRICE=$1 menu >/dev/null
    docker push -q localhost:5077/chai/menu:1.4.2 >/dev/null
    docker image inspect -f '{{index .RepoDigests 0}}' localhost:5077/chai/menu:1.4.2
}
monday=$(release 10);  echo "$monday" | cut -c1-60
tuesday=$(release 12); echo "$tuesday" | cut -c1-60
echo "by tag:        $(docker run -q --pull always --rm localhost:5077/chai/menu:1.4.2)"
echo "monday's own:  $(docker run -q --rm "$monday")"
