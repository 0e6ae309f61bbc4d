. ./swarm.sh; swarm 3; bring 1
on node1 docker node promote node2 node3 >/dev/null
until [ "$(on node1 docker node ls | grep -c Reachable)" = 2 ]; do sleep 0.5; done
on node1 docker service create -q --name chai --constraint node.hostname==node1 chai:1 >/dev/null
managers() {
    on node1 docker node ls --format '{{.Hostname}} {{.ManagerStatus}}' 2>&1 | cut -d. -f1
}
managers
echo "--- one of three managers is switched off"
docker kill practice-$$-node3 >/dev/null
until managers | grep -q Unreachable; do sleep 1; done
managers; on node1 docker service scale chai=2 >/dev/null && echo "orders: taken"
echo "--- two of three"
docker kill practice-$$-node2 >/dev/null
until managers | grep -q Error; do sleep 1; done
managers
on node1 docker ps --format '{{.Image}} {{.State}}'
