docker build -t chai:two-stages -f two-stages.Dockerfile api
echo "in the image:"
docker history --format '{{.Size}} {{.CreatedBy}}' chai:two-stages
echo "on this disk:"
docker buildx du --verbose | grep -m 1 -B 1 'go build -o /bin/chai-menu'
docker image rm -f chai:two-stages >/dev/null
