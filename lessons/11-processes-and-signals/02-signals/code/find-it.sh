docker run -d --name till -v ./till.sh:/till.sh:ro -v ./look.sh:/look.sh:ro busybox:1.37 /till.sh >/dev/null
docker exec till sh /look.sh
docker rm -f till >/dev/null
