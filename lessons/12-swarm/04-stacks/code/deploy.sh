. ./swarm.sh; swarm 3; bring 1
on node1 docker stack deploy --detach=true -c stack.yaml mela | sort
replicas mela_chai 2/2; replicas mela_board 1/1
on node1 docker stack services --format '{{.Name}} {{.Replicas}}' mela | sort
node=$(on node1 docker service ps -f name=mela_chai.1 --format '{{.Node}}' mela_chai)
inside() { on $node docker exec $(on $node docker ps -q -f name=mela_chai.1) "$@"; }
echo "--- inside a task"
inside cat /run/secrets/recipe; echo
inside cat /www/notice.txt
inside sh -c 'df /run/secrets/recipe | tail -1 | cut -d" " -f1; env | grep -c clove || true'
echo "--- what the manager tells of each"
on node1 docker secret inspect mela_recipe | grep -c Data || true
on node1 docker config inspect -f '{{printf "%s" .Spec.Data}}' mela_notice
echo "--- all of it away"
on node1 docker stack rm mela | sort
