docker build -t dhaba:full -f full-stack.Dockerfile dhaba
docker run -d --name dhaba dhaba:full >/dev/null
for second in $(seq 30); do
    sleep 1; [ "$(docker inspect -f '{{.State.Health.Status}}' dhaba)" = healthy ] && break
done
docker inspect -f '{{.State.Health.Status}}' dhaba
docker exec dhaba \
    node -e "fetch('http://127.0.0.1:3000/api/bill').then(r => r.text()).then(console.log)"
docker exec dhaba sh -c 'id -un; ls /app /app/public; ls test 2>&1'  || true
docker rm -f dhaba >/dev/null
docker image rm -f dhaba:full >/dev/null
