. ./swarm.sh; swarm 3; bring 1
on node1 docker service create -q --name chai --replicas 2 --constraint node.hostname!=node3 \
    --publish published=8080,target=8080,mode=host chai:1 >/dev/null
tasks chai
for n in 1 2 3; do
    url=http://$(address node$n):8080/menu.txt
    echo "node$n: $(on node1 wget -q -T 3 -O - $url 2>/dev/null || echo no answer)"
done
on node1 docker service scale -d chai=3 >/dev/null; sleep 4
on node1 docker service ps --no-trunc -f name=chai.3 --format '{{.Error}}' chai | fold -s -w 90
