docker build -t stall -f stall.Dockerfile shop
docker image inspect -f 'user   {{.Config.User}}
folder {{.Config.WorkingDir}}
env    {{json .Config.Env}}
ports  {{json .Config.ExposedPorts}}
start  {{json .Config.Cmd}}' stall
docker run --rm stall
docker run --rm -e SHOP="Platform 1" stall sh -c 'echo $SHOP; head -n 1 menu.txt'
docker image rm -f stall >/dev/null
