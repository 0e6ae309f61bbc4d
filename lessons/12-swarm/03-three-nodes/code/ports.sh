. ./swarm.sh; swarm 3; bring 1
on node1 docker service create -q --name chai --replicas 2 --constraint node.hostname!=node3 --publish published=8080,target=8080,mode=host chai:1 >/dev/null
tasks chai
for n in 1 2 3; do
    echo "port 8080 of node$n: $(on node1 wget -q -T 3 -O - http://$(address node$n):8080/menu.txt 2>&1 || true)"
done
on node1 docker service scale -d chai=3 >/dev/null; sleep 4
on node1 docker service ps --no-trunc -f desired-state=running --format '{{.Name}} {{.CurrentState}} {{.Error}}' chai | grep Pending | sed 's/ [0-9a-z]* [a-z]* ago//'
