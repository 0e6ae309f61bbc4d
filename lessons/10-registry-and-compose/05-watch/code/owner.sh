alias stall='docker compose -f owner/compose.yaml'
end() { { kill $watch || true; wait $watch || true; stall down --rmi local -t 1; } >/dev/null 2>&1; }
trap end EXIT
until_seen() { for _ in $(seq 120); do "$@" 2>/dev/null && return; sleep 0.5; done; echo "waited in vain"; exit 1; }
there() { stall exec -T page ls /www | grep -q "$1"; }
answered() { grep -aq "cannot remove" watch.log || ! there hours.txt; }
for file in root.Dockerfile node.Dockerfile; do
    export FILE=$file; rm -f watch.log
    timeout 300 docker compose -f owner/compose.yaml watch >watch.log 2>&1 & watch=$!
    until_seen grep -aq "Watch enabled" watch.log
    echo "open till 9" > owner/www/hours.txt; until_seen there hours.txt
    rm owner/www/hours.txt;                   until_seen answered
    echo "$file: $(stall exec -T page ls /www | tr '\n' ' ')"
    grep -ao "cannot remove.*denied" watch.log | head -1
    end
done
