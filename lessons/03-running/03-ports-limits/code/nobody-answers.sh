trap 'docker rm -f inward outward >/dev/null 2>&1; docker image rm -f stall:1 >/dev/null 2>&1' EXIT
docker build -q -t stall:1 stall >/dev/null
docker run -d --name inward  -p 127.0.0.1:28083:8080 stall:1 \
    httpd -f -p 127.0.0.1:8080 -h /www >/dev/null
docker run -d --name outward -p 127.0.0.1:28084:8080 stall:1 \
    httpd -f -p 0.0.0.0:8080 -h /www >/dev/null
sleep 1
for port in 28083 28084; do curl -s http://127.0.0.1:$port/ || echo "$port: no answer"; done
