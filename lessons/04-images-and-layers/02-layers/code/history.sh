docker build -t counter -f counter.Dockerfile thali
docker history --format '{{.Size}}\t{{.CreatedBy}}' counter
echo "layers: $(docker image inspect -f '{{len .RootFS.Layers}}' counter)"
docker image rm -f counter >/dev/null
