docker build -t gateway -f gateway.Dockerfile gateway
docker info -f 'driver: {{.Driver}}'
top() { docker image inspect -f "$1" gateway | grep . | tail -n 1; }
digest=$(top '{{range .RootFS.Layers}}{{println .}}{{end}}')
folder=$(basename "$(dirname "$(top '{{.GraphDriver.Data.UpperDir}}')")")
echo "digest: $digest"
case $digest in *"$folder"*) same=yes ;; *) same=no ;; esac
echo "folder: a name of ${#folder} characters; is it the digest? $same"
docker image rm -f gateway >/dev/null
