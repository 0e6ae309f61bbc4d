. ./swarm.sh; swarm 3; bring 1
on node1 docker network create -d overlay counter >/dev/null
on node1 docker service create -q --name chai --network counter --constraint node.hostname==node2 chai:1 >/dev/null
on node1 docker service create -q --name board --network counter --constraint node.hostname==node3 chai:1 >/dev/null
on node1 docker service create -q --name lonely --constraint node.hostname==node3 chai:1 >/dev/null
# ask FROM-NODE SERVICE: what a task of it gets from chai
ask() { on $1 docker exec $(on $1 docker ps -q -f name=$2. | head -1) wget -q -T 3 -O - http://tasks.chai:8080/menu.txt 2>&1 || true; }
echo "board, on node3, same network:  $(ask node3 board)"
echo "lonely, on node3, no network:   $(ask node3 lonely)"
echo "--- node2 lets no 4789/udp in any more"
on node2 iptables -I INPUT -p udp --dport 4789 -j DROP
on node3 docker exec $(on node3 docker ps -q -f name=board. | head -1) nslookup tasks.chai 2>&1 | grep -A1 Name || true
echo "board asks again:               $(ask node3 board)"
echo "--- networks of a node"
on node2 docker network ls --format 'table {{.Name}}\t{{.Driver}}\t{{.Scope}}' | sort
