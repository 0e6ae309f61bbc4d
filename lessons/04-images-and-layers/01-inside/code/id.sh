docker build -t stall -f stall.Dockerfile shop
docker image inspect -f '{{.Id}}' stall
docker save stall -o stall.tar
note=$(tar -xOf stall.tar manifest.json | grep -o '"Config":"[^"]*"' | cut -d '"' -f 4)
tar -xOf stall.tar "$note" | sha256sum
tar -xOf stall.tar "$note" | wc -c
docker image rm -f stall >/dev/null
