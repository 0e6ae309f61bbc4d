trap 'docker rm -f hidden lane shop >/dev/null 2>&1; docker image rm -f stall:1 >/dev/null 2>&1' EXIT
docker build -q -t stall:1 stall >/dev/null
docker run -d --name hidden                          stall:1 >/dev/null
docker run -d --name lane   -p 28080:8080            stall:1 >/dev/null
docker run -d --name shop   -p 127.0.0.1:28081:8080  stall:1 >/dev/null
for name in hidden lane shop; do echo "$name:"; docker port $name; done
curl -s http://127.0.0.1:28081/
