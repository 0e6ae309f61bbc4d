trap 'docker rm -f deaf polite >/dev/null 2>&1; docker image rm -f stall:1 >/dev/null 2>&1' EXIT
docker build -q -t stall:1 stall >/dev/null
docker run -d --name polite stall:1 >/dev/null
docker run -d --name deaf stall:1 sleep 600 >/dev/null
for name in polite deaf; do
    begin=$(date +%s); docker stop $name >/dev/null; end=$(date +%s)
    docker inspect -f "{{slice .Name 1}}: $((end - begin)) s, exit code {{.State.ExitCode}}" $name
done
