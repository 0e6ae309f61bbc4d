clock() { begin=$(date +%s); "$@" >/dev/null; echo "$(($(date +%s) - begin)) s"; }

clock docker build --no-cache -q -t dhaba:one-crew -f one-crew.Dockerfile dhaba
clock docker build --no-cache -q -t dhaba:crews -f crews.Dockerfile dhaba
docker run --rm dhaba:crews
docker image rm -f dhaba:one-crew dhaba:crews >/dev/null
