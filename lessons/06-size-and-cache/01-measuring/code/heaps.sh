docker build -t fares -f single.Dockerfile board
docker image inspect -f 'on disk: {{.Size}} bytes' fares
docker history --format '{{.Size}}\t{{.CreatedBy}}' fares | head -n 5
echo "by folder, in kB:"
docker run --rm fares du -sk /usr /root/.npm node_modules src test dist
docker image rm -f fares >/dev/null
