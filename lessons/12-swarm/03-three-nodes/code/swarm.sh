# Nodes of a practice swarm: each is a container with an engine of its own.
# Your own engine stays out of the swarm.
up() {
    trap down EXIT
    count=$1; network=practice-$$
    docker network create --internal $network >/dev/null
    for n in $(seq $count); do
        docker run -d --name practice-$$-node$n --network $network --privileged \
            --cgroupns private --memory 512m --tmpfs /run -e NODE_NAME=node$n \
            dockshala.local/swarm-node:1 900 >/dev/null
        docker cp -q . practice-$$-node$n:/work
    done
    for n in $(seq $count); do
        until docker exec practice-$$-node$n docker version >/dev/null 2>&1; do sleep 0.2; done
    done
}
down() {
    for n in $(seq $count); do docker rm -fv practice-$$-node$n >/dev/null 2>&1 || true; done
    docker network rm $network >/dev/null 2>&1 || true
    docker image rm -f chai-$$:1 chai-$$:2 chai-$$:3 >/dev/null 2>&1 || true
}
# on node1 docker node ls: as if one were logged in there.
on() { node=$1; shift; docker exec -w /work practice-$$-$node "$@"; }
address() {
    docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' practice-$$-$1
}
# One manager, the others workers.
swarm() {
    up $1
    on node1 docker swarm init --advertise-addr $(address node1) >/dev/null
    token=$(on node1 docker swarm join-token -q worker)
    for n in $(seq 2 $1); do
        on node$n docker swarm join --token $token $(address node1):2377 >/dev/null
    done
}
# Builds chai:RELEASE here and hands it to every node: a swarm builds nothing.
bring() {
    for release in "$@"; do
        docker build -q -t chai-$$:$release --build-arg RELEASE=$release chai >/dev/null
        for n in $(seq $count); do
            docker save chai-$$:$release | docker exec -i practice-$$-node$n docker load -q >/dev/null
            on node$n docker tag chai-$$:$release chai:$release
        done
    done
}
# Waits until so many tasks of a service run: replicas chai 3/3
replicas() {
    until on node1 docker service ls --format '{{.Name}} {{.Replicas}}' | grep -q "^$1 $2"; do
        sleep 0.5
    done
}
# The tasks of a service, without their ages.
tasks() {
    columns='{{.Name}}\t{{.Image}}\t{{.Node}}\t{{.DesiredState}}\t{{.CurrentState}}'
    on node1 docker service ps --format "table $columns" "$@" |
        sed 's/ [^ ]*\( [a-z]*\)* ago$//'
}
