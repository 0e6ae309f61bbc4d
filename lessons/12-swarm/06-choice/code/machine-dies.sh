. ./swarm.sh; swarm 3; bring 1
on node1 docker service create -q --name chai --replicas 3 chai:1 >/dev/null
on node3 docker run -d --name stall --restart always chai:1 >/dev/null
where() {
    on node1 docker service ps -f desired-state=running --format '{{.Node}}' chai | sort | uniq -c
}
where
echo "--- node3 loses its power"
docker kill practice-$$-node3 >/dev/null; began=$(date +%s)
until on node1 docker node ls | grep -q Down; do sleep 1; done
echo "noticed after $(($(date +%s) - began)) s"
until on node1 docker service ls --format '{{.Replicas}}' | grep -q ^3/3; do sleep 1; done
sleep 5; where
stalls=$(for n in 1 2; do on node$n docker ps -aq -f name=stall; done | wc -l)
echo "stalls on the others: $stalls"
