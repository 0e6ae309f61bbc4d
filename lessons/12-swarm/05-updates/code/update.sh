. ./swarm.sh; swarm 3; bring 1 2 3
on node1 docker stack deploy --detach=true -c stack.yaml mela >/dev/null; replicas mela_chai 3/3
what='{{.Spec.TaskTemplate.ContainerSpec.Image}}, {{.UpdateStatus.State}}'
state() { on node1 docker service inspect -f "$1: $what" mela_chai; }
on node1 docker service update -q --image chai:2 mela_chai >/dev/null
state "release 2"
on node1 docker service update -q --image chai:3 mela_chai >/dev/null || true
until state . | grep -q completed; do sleep 1; done
state "release 3"
echo "--- why"
on node1 docker service ps --format '{{.Image}} {{.Error}}' mela_chai | grep non-zero | sort -u
on node1 docker service logs --raw mela_chai 2>&1 | sort -u
