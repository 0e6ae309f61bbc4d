docker build -q -t stall:1 --build-arg TOKEN=a -f leaky.Dockerfile shop >/dev/null
docker image inspect -f '{{.Id}}' stall:1
echo "adrak 15" >> shop/menu.txt
docker build -q -t stall:1 --build-arg TOKEN=a -f leaky.Dockerfile shop >/dev/null
docker image inspect -f '{{.Id}}' stall:1
docker image rm -f stall:1 >/dev/null
