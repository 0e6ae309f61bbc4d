. ./swarm.sh; swarm 1; bring 1
on node1 docker service create -q --name chai chai:1 >/dev/null
count() { on node1 docker service ps -q chai | wc -l; }
echo "tasks so far: $(count)"
on node1 docker service update -q --image chai:1 chai >/dev/null
echo "after update --image, same name: $(count)"
on node1 docker service update -q --force chai >/dev/null
echo "after update --force: $(count)"
