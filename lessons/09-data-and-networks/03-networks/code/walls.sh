docker build -q -t kitchen -f kitchen.Dockerfile kitchen >/dev/null
docker network create inside >/dev/null; docker network create hall >/dev/null
docker run -d --name rasoi --network inside --network-alias khana kitchen >/dev/null
docker run -d --name waiter --network hall kitchen sleep 60 >/dev/null
docker run -d --name guest --network hall kitchen sleep 60 >/dev/null

docker network connect inside waiter
docker exec waiter wget -qO- http://khana:8000
docker exec guest wget -qO- http://khana:8000 2>&1 || true
docker inspect -f '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}' waiter

docker rm -f rasoi waiter guest >/dev/null; docker network rm inside hall >/dev/null
docker image rm -f kitchen >/dev/null
