trap 'docker rm -f till >/dev/null 2>&1; docker image rm -f till:1 >/dev/null 2>&1' EXIT
docker build -q -t till:1 till >/dev/null
for signal in TERM KILL; do
    docker run --rm till:1 sh -c "
        /till.sh & till=\$!; sleep 1
        kill -$signal \$till; wait \$till; echo \"kill -$signal: exit code \$?\"
        ls /tmp/till.lock 2>&1 || true" 2>/dev/null
done
