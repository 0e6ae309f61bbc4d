docker build -t gateway -f gateway.Dockerfile gateway
digest=$(docker image inspect -f '{{range .RootFS.Layers}}{{println .}}{{end}}' gateway |
    grep . | tail -n 1)
folders=$(docker image inspect -f '{{json .GraphDriver.Data}}' gateway)
echo "digest: $digest"
case $folders in *"${digest#sha256:}"*) same=yes ;; *) same=no ;; esac
echo "is a folder named after the digest? $same"
docker image rm -f gateway >/dev/null
