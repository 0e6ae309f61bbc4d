docker run --name counter --memory 16m busybox:1.37 tail /dev/zero >/dev/null 2>&1 || true
docker inspect -f '{{.State.ExitCode}} {{.State.OOMKilled}} {{.State.Error}}' counter
docker rm counter >/dev/null
