docker build -q -t kitchen -f kitchen.Dockerfile kitchen >/dev/null
docker network create dhaba >/dev/null

docker run -d --name rasoi kitchen >/dev/null
docker run --rm kitchen wget -qO- http://rasoi:8000 2>&1 || true
docker rm -f rasoi >/dev/null

docker run -d --name rasoi --network dhaba kitchen >/dev/null; sleep 1
docker run --rm --network dhaba kitchen wget -qO- http://rasoi:8000
docker run --rm --network dhaba kitchen cat /etc/resolv.conf | grep nameserver

docker rm -f rasoi >/dev/null; docker network rm dhaba >/dev/null
docker image rm -f kitchen >/dev/null
