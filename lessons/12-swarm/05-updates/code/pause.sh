. ./swarm.sh; swarm 3; bring 1 2 3
on node1 docker service create -q --name chai --replicas 3 --restart-delay 1s \
    --update-monitor 2s chai:1 >/dev/null
on node1 docker service update -q --image chai:3 chai >/dev/null 2>&1 || true
now='{{.Spec.TaskTemplate.ContainerSpec.Image}}'; what="$now, {{.UpdateStatus.State}}"
look() { on node1 docker service inspect -f "$1: ${2:-$what}" chai; }
look "after the bad release"; on node1 docker service ls --format '{{.Replicas}} are running'
echo "--- by hand: one step back, and one more"
on node1 docker service rollback -d chai >/dev/null; replicas chai 3/3; look "back" "$now"
on node1 docker service rollback -d chai >/dev/null; sleep 1;           look "and again" "$now"
