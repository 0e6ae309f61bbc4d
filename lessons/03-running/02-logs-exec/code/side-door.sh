trap 'docker rm -f till >/dev/null 2>&1; docker image rm -f till:1 >/dev/null 2>&1' EXIT
docker build -q -t till:1 till >/dev/null
docker run -d --name till -e SHOP=Ganesh till:1 >/dev/null; sleep 1
docker exec till head -n 1 /data/sales.txt
docker exec till sh -c 'echo "shop is $SHOP, I am user $(id -u)"'
docker top till -o pid,args | head -n 2
docker inspect -f 'started as {{json .Config.Cmd}}, with {{index .Config.Env 0}}' till
