trap 'docker compose -f stall/compose.yaml down -v --rmi local >/dev/null 2>&1' EXIT
alias stall='docker compose -f stall/compose.yaml'
stall up -d --build >/dev/null 2>&1; sleep 2
stall ps --format '{{.Service}} {{.State}}' | sort
echo "the page says: $(stall exec -T page wget -qO - http://127.0.0.1:8080/cgi-bin/today)"
echo "page is at:    $(stall port page 8080)"
stall port till 8081 2>&1 || true
docker network ls --filter label=com.docker.compose.project=chai-stall --format 'network {{.Name}}'
docker volume ls --filter label=com.docker.compose.project=chai-stall --format 'volume {{.Name}}'
