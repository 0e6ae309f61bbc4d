. ./swarm.sh; swarm 3; bring 1
columns='{{.Hostname}}\t{{.Status}}\t{{.Availability}}\t{{.ManagerStatus}}'
on node1 docker node ls --format "table $columns"
echo "--- an order for three counters"
on node1 docker service create -q --name chai --replicas 3 chai:1 >/dev/null
on node1 docker service ls --format 'table {{.Name}}\t{{.Mode}}\t{{.Replicas}}\t{{.Image}}'
tasks chai
echo "--- the same question to a worker"
on node2 docker node ls 2>&1 | fold -s -w 90
