. ./swarm.sh; swarm 1
on node1 docker stack config -c waits.yaml
