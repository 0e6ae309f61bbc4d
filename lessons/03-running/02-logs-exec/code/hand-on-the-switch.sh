trap 'docker rm -f till >/dev/null 2>&1; docker image rm -f till:1 >/dev/null 2>&1' EXIT
docker build -q -t till:1 till >/dev/null
docker run -d --name till -e SHOP=Ganesh till:1 >/dev/null; sleep 2
echo "logs -f, then Ctrl-C:"
timeout -s INT 1.5 docker logs -f till | head -n 1 || true
docker inspect -f 'the container is {{.State.Status}}' till
echo "attach, then Ctrl-C:"
timeout -s INT 1.5 docker attach till | tail -n 1 || true
sleep 1
docker inspect -f 'the container is {{.State.Status}}, exit code {{.State.ExitCode}}' till
