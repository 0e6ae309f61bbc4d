docker build -q -t start:small -f small.Dockerfile board >/dev/null
docker build -q -t start:large -f large.Dockerfile board >/dev/null
for size in small large small large; do
    begin=$(date +%s%N)
    docker run --rm --network none start:$size
    echo "$size: $(( ($(date +%s%N) - begin) / 1000000 )) ms"
done
docker image rm -f start:small start:large >/dev/null
