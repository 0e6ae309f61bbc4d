. ./swarm.sh; swarm 3; bring 1
on node1 docker service create -q --name chai --replicas 6 chai:1 >/dev/null
on node3 docker run -d --name stall chai:1 >/dev/null
where() {
    for n in 1 2 3; do
        run=$(on node1 docker service ps -q -f node=node$n -f desired-state=running chai | wc -l)
        echo "$1: node$n has $run"
    done
}
where "before"
on node1 docker node update --availability drain node3 >/dev/null; sleep 5; replicas chai 6/6
where "drained"
on node3 docker ps --format 'still on node3: {{.Names}}'
on node1 docker node update --availability active node3 >/dev/null; sleep 3
where "active again"
on node1 docker service update -q --force chai >/dev/null
where "after --force"
