docker build -t counter -f counter.Dockerfile thali
docker build -t kitchen -f kitchen.Dockerfile thali
echo "IMAGE    SIZE    SHARED  UNIQUE"
docker system df -v | awk '/^(counter|kitchen) / {print $1, $(NF-3), $(NF-2), $(NF-1)}' | sort
docker image rm -f counter kitchen >/dev/null
