. ./swarm.sh; swarm 1; bring 1
for file in stack once; do
    echo "--- $file.yaml"
    on node1 docker stack deploy --detach=true -c $file.yaml $file 2>&1
    replicas ${file}_chai 2/2
    on node1 docker kill $(on node1 docker ps -q -f name=${file}_chai | head -1) >/dev/null; sleep 6
    on node1 docker service ls -f name=${file}_chai --format '{{.Name}} {{.Replicas}}'
done
