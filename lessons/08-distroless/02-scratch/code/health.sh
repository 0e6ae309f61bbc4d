docker build -t sweets:ready -f ready.Dockerfile sweets
docker build -t sweets:shell-check -f shell-check.Dockerfile sweets
docker run -d --name ready sweets:ready >/dev/null
docker run -d --name shell-check sweets:shell-check >/dev/null
for second in $(seq 20); do
    sleep 1; case $(docker inspect -f '{{.State.Health.Status}}' ready shell-check | xargs) in *starting*) ;; *) break ;; esac
done

docker inspect -f '{{.Name}} {{.State.Health.Status}}' ready shell-check
docker inspect -f '{{(index .State.Health.Log 0).Output}}' shell-check | grep -o 'exec: .*'

docker rm -f ready shell-check >/dev/null
docker image rm -f sweets:ready sweets:shell-check >/dev/null
