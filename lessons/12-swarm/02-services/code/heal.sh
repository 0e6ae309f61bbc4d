. ./swarm.sh; swarm 1; bring 1
on node1 docker service create -q --name chai --replicas 3 --restart-delay 1s chai:1 >/dev/null
on node1 docker run -d --name stall --restart always chai:1 >/dev/null
victim=$(on node1 docker ps -q -f name=chai.3.)
on node1 docker kill $victim stall >/dev/null; sleep 6
echo "--- the service"
tasks chai
on node1 docker service ps -f desired-state=shutdown --format '{{.Name}}: {{.Error}}' chai
echo "--- the container with --restart always"
on node1 docker ps -a -f name=stall --format '{{.Names}} {{.State}}'
on node1 docker inspect -f 'restarted {{.RestartCount}} times' stall
