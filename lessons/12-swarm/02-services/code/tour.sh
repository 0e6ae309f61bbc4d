. ./swarm.sh; swarm 1; bring 1 2
look() { on node1 docker service ls --format '{{.Name}} {{.Mode}} {{.Replicas}} {{.Image}}'; }
on node1 docker service create -q --name chai --replicas 3 chai:1 >/dev/null; look
on node1 docker service scale chai=5 >/dev/null;                              look
on node1 docker service update -q --image chai:2 chai >/dev/null;             look
on node1 docker service rm chai;                                              look
