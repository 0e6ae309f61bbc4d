trap 'docker rm -f till >/dev/null 2>&1; docker image rm -f till:1 >/dev/null 2>&1' EXIT
docker build -q -t till:1 till >/dev/null
docker run -d --name till till:1 /till.sh >/dev/null
docker exec till sh /look.sh
