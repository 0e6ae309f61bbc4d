# deploy.sh IMAGE@DIGEST: what the server does. It has no source and builds nothing.
set -eu
docker pull -q "$1" >/dev/null
docker rm -f counter >/dev/null 2>&1 || true
docker run -d --init --name counter -p 127.0.0.1:28082:8080 "$1" >/dev/null
ask() { docker exec counter wget -qO - "http://127.0.0.1:8080/cgi-bin/bill?3" 2>/dev/null; }
for _ in 1 2 3 4 5 6 7 8 9; do ask && exit; sleep 1; done
echo "no answer"; exit 1
