. ./swarm.sh; swarm 1; bring 1
on node1 sh -c 'echo "chai-42" | docker secret create with-echo - >/dev/null'
on node1 sh -c 'printf "%s" "chai-42" | docker secret create with-printf - >/dev/null'
on node1 docker service create -q --name till \
    --secret with-echo --secret with-printf chai:1 >/dev/null
till=$(on node1 docker ps -q -f name=till)
for name in with-echo with-printf; do
    echo "--- $name"; on node1 docker exec $till od -c /run/secrets/$name
done
echo "--- take one away while it is used"
on node1 docker secret rm with-echo 2>&1 | fold -s -w 90
