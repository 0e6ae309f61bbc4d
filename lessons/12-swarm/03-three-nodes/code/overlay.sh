. ./swarm.sh; swarm 3; bring 1
on node1 docker network create -d overlay counter >/dev/null
create() { on node1 docker service create -q "$@" chai:1 >/dev/null; }
create --name chai   --constraint node.hostname==node2 --network counter
create --name board  --constraint node.hostname==node3 --network counter
create --name lonely --constraint node.hostname==node3
# Runs a command in the task of a service on node3.
inside() {
    s=$1; shift
    on node3 docker exec $(on node3 docker ps -q -f name=$s.) "$@" 2>&1 || true
}
ask() { inside $1 wget -q -T 3 -O - http://tasks.chai:8080/menu.txt; }
echo "board, on node3, same network:  $(ask board)"
echo "lonely, on node3, no network:   $(ask lonely)"
echo "--- node2 lets no 4789/udp in any more"
on node2 iptables -I INPUT -p udp --dport 4789 -j DROP
inside board nslookup tasks.chai | grep -A1 Name
echo "board asks again:               $(ask board)"
echo "--- networks of a node"
on node2 docker network ls --format 'table {{.Name}}\t{{.Driver}}\t{{.Scope}}' | sort
