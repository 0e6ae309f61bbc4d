docker build -q -t kitchen -f kitchen.Dockerfile kitchen >/dev/null
docker run -d --name expose-only kitchen >/dev/null
docker run -d --name street -p 8000 kitchen >/dev/null
docker run -d --name local -p 127.0.0.1::8000 kitchen >/dev/null
docker run -d --name all-exposed -P kitchen >/dev/null
for name in expose-only street local all-exposed; do
    echo "$name: $(docker port $name | head -n 1)"
done
docker rm -f expose-only street local all-exposed >/dev/null
docker image rm -f kitchen >/dev/null
