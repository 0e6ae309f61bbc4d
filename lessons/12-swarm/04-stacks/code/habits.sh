. ./swarm.sh; swarm 1
on node1 docker stack deploy --detach=true -c compose-habits.yaml mela 2>&1
sleep 8
on node1 docker service ps --no-trunc --format '{{.Error}}' mela_chai | sort -u
