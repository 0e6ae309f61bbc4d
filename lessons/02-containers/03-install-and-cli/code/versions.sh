docker --version
docker version --format 'client {{.Client.Version}}, daemon {{.Server.Version}}'
docker buildx version | cut -d' ' -f1,2
docker compose version
