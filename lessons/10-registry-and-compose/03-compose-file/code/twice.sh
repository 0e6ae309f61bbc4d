trap 'docker compose -f stall/compose.yaml down -v --rmi local >/dev/null 2>&1' EXIT
alias stall='docker compose -f stall/compose.yaml'
sold() { stall exec -T till cat /sold/sold.txt; }
stall up -d --build >/dev/null 2>&1; sleep 2
stall exec -T till sh -c 'echo "412 cups" > /sold/sold.txt'
stall down >/dev/null 2>&1;     echo "down:       exit code $?"
stall down >/dev/null 2>&1;     echo "down again: exit code $?"
stall up -d >/dev/null 2>&1;    sleep 2; echo "up again:   $(sold)"
stall down -v >/dev/null 2>&1
stall up -d >/dev/null 2>&1;    sleep 2; echo "after -v:   $(sold)"
