for signal in TERM KILL; do
    docker run --rm -v ./till.sh:/till.sh:ro busybox:1.37 sh -c "
        /till.sh & till=\$!; sleep 0.5
        kill -$signal \$till; wait \$till; echo \"kill -$signal: exit code \$?\"
        ls /tmp/till.lock 2>&1 || true" 2>/dev/null
done
