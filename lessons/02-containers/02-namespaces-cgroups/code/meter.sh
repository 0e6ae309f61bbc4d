trap 'docker rm -f free metered >/dev/null 2>&1; docker image rm -f room:1 >/dev/null 2>&1' EXIT
docker build -q -t room:1 room >/dev/null
docker run -d --name free room:1 >/dev/null
docker run -d --name metered --memory 64m --cpus 0.5 room:1 >/dev/null
docker inspect -f '{{slice .Name 1}}: memory {{.HostConfig.Memory}}, cpu {{.HostConfig.NanoCpus}}' \
    free metered
docker stats --no-stream --format '{{.Name}}: {{.MemUsage}}, cpu {{.CPUPerc}}' free metered
