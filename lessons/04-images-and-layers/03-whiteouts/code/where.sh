docker build -t gateway -f gateway.Dockerfile gateway
docker info -f 'driver:    {{.Driver}}'
docker image inspect -f '{{range .RootFS.Layers}}{{println .}}{{end}}' gateway |
    grep . | tail -n 1 | sed 's/^/digest:    /'
docker image inspect -f '{{.GraphDriver.Data.UpperDir}}' gateway |
    grep -o 'overlay2/.*' | sed 's/^/folder:    /'
docker image rm -f gateway >/dev/null
