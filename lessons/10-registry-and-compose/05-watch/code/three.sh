trap '{ kill $watch || true; wait $watch || true; docker compose -f stall/compose.yaml down --rmi local -t 1; } >/dev/null 2>&1' EXIT
alias stall='docker compose -f stall/compose.yaml'
until_seen() { for _ in $(seq 120); do "$@" 2>/dev/null && return; sleep 0.5; done; echo "waited in vain"; exit 1; }
shows() { stall exec -T page cat $1 | grep -q "$2"; }
container() { docker inspect -f '{{printf "%.12s" .Id}}' chai-board-page-1; }
started() { docker inspect -f '{{.State.StartedAt}}' chai-board-page-1; }
compare() { [ "$2" = "$3" ] && echo "  $1: the same" || echo "  $1: a new one"; }
other_container() { [ "$(container)" ] && [ "$(container)" != "$id" ]; }
timeout 300 docker compose -f stall/compose.yaml watch >watch.log 2>&1 & watch=$!
until_seen grep -aq "Watch enabled" watch.log
id=$(container); start=$(started)
echo "today: cardamom" > stall/page/www/today.txt;    until_seen shows /www/today.txt cardamom
stall exec -T page wget -qO - http://127.0.0.1:8080/today.txt
compare container $id $(container); compare start $start $(started)
echo "CUTTING=12" > stall/page/prices.conf;           until_seen shows /price.txt 12
stall exec -T page cat /price.txt
compare container $id $(container); compare start $start $(started)
echo "LABEL stall=corner" >> stall/page/Dockerfile;   until_seen other_container
echo "the stall has moved to the corner"
compare container $id $(container)
grep -ao "Syncing .page.\|Rebuilding service .page." watch.log
