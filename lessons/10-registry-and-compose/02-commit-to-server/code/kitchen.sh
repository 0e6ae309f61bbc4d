# A registry, a repository and two words for the scripts of this lesson; all gone again at the end.
trap 'docker rm -f chai-shelf counter >/dev/null 2>&1; docker image rm -f $(docker image ls -aq --filter label=org.opencontainers.image.title=chai-bill) chai-shelf:1 >/dev/null 2>&1 || true' EXIT
docker build -q -t chai-shelf:1 shelf >/dev/null
docker run -d --name chai-shelf -p 127.0.0.1:5078:5000 chai-shelf:1 >/dev/null; sleep 2
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
git -C shop init -q -b main
commit() { git -C shop add -A; git -C shop -c user.name=Stall -c user.email=stall@example.com commit -qm "$1"; }
release() { sed -n "$1p" releases.txt | cut -d' ' -f2; }
