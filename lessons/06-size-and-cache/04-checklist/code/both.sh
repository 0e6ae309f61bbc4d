for way in habits mended; do
    echo "$way:"
    docker build -t counter:$way -f $way.Dockerfile counter
    docker image inspect -f '{{.Size}} bytes, user "{{.Config.User}}"' counter:$way
    docker history --no-trunc counter:$way | grep -o 'ADMIN_PASSWORD[^ ]*' || true
done
docker image rm -f counter:habits counter:mended >/dev/null
