trap 'docker rm -f counter >/dev/null 2>&1; docker image rm -f till:1 >/dev/null 2>&1' EXIT
docker build -q -t till:1 till >/dev/null
docker run -d --name counter -p 127.0.0.1:28001:8001 till:1 httpd -f -p 8001 >/dev/null
docker ps --filter publish=28001 --format '{{.Names}} has it'
