for way in habits mended; do
    docker build -t counter:$way -f $way.Dockerfile counter
    docker image inspect -f '{{index .RepoTags 0}} {{.Size}} bytes, user "{{.Config.User}}"' counter:$way
    docker history --no-trunc counter:$way | grep -o 'ADMIN_PASSWORD[^ ]*' || true
done
docker image rm -f counter:habits counter:mended >/dev/null
