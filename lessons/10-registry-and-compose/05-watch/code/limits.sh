trap '{ kill $watch || true; wait $watch || true; docker compose -f stall/compose.yaml down --rmi local -t 1; } >/dev/null 2>&1' EXIT
alias stall='docker compose -f stall/compose.yaml'
until_seen() { for _ in $(seq 120); do "$@" 2>/dev/null && return; sleep 0.5; done; echo "waited in vain"; exit 1; }
page() { stall exec -T page "$@"; }
has() { page cat $1 | grep -q "$2"; }
hasnt() { ! page ls /www | grep -q "$1"; }
timeout 300 docker compose -f stall/compose.yaml watch >watch.log 2>&1 & watch=$!
until_seen grep -aq "Watch enabled" watch.log
echo "today: cardamom" > stall/page/www/today.txt; until_seen has /www/today.txt cardamom
echo "open till 9" > stall/page/www/hours.txt;     until_seen has /www/hours.txt open
rm stall/page/www/hours.txt;                       until_seen hasnt hours.txt
echo "hours.txt deleted on my disk; in the container: $(page ls /www | tr "\n" " ")"
page sh -c 'echo "412 cups" > /www/sold.txt'; sleep 2
echo "sold.txt written in the container; on my disk: $(ls stall/page/www | tr "\n" " ")"
echo "the container says: $(page cat /www/today.txt)"
echo "its image says:     $(docker run --rm chai-board-page cat /www/today.txt)"
