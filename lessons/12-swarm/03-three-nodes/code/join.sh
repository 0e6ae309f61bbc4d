. ./swarm.sh; up 3
on node1 docker swarm init --advertise-addr $(address node1) >/dev/null
token=$(on node1 docker swarm join-token -q worker)
on node2 docker swarm join --token $token $(address node1):2377
echo "--- the token is changed, and node3 comes with the old one"
on node1 docker swarm join-token --rotate -q worker >/dev/null
on node3 docker swarm join --token $token $(address node1):2377 2>&1 | cut -d. -f1 | fold -s -w 90
token=$(on node1 docker swarm join-token -q worker)
on node3 docker swarm join --token $token $(address node1):2377
echo "--- node2 up, down, out"
on node1 docker node promote node2
until on node1 docker node ls | grep -q Reachable; do sleep 0.5; done
on node1 docker node demote node2
until on node2 docker info 2>/dev/null | grep -q 'Is Manager: false'; do sleep 0.5; done
on node2 docker swarm leave
until on node1 docker node ls | grep -q Down; do sleep 1; done
on node1 docker node ls --format '{{.Hostname}} {{.Status}} {{.ManagerStatus}}'
on node1 docker node rm node2
echo "--- and the last manager?"
on node1 docker swarm leave 2>&1 | cut -d. -f1 | fold -s -w 90
