docker build -t bill:left -f wheels-left.Dockerfile shop
docker build -t bill:lent -f wheels-lent.Dockerfile shop
docker history --format '{{.Size}} {{.CreatedBy}}' bill:left | grep -e 'COPY .wheels' -e 'COPY app'
echo "---"
docker history --format '{{.Size}} {{.CreatedBy}}' bill:lent | grep -e 'COPY .wheels' -e 'COPY app'
docker image rm -f bill:left bill:lent >/dev/null
