docker build -t rail:1.0 rail
docker build -t rail:dev -f rail/Dockerfile.dev rail
for tag in 1.0 dev; do
    echo "rail:$tag starts $(docker image inspect -f '{{.Config.Cmd}}' rail:$tag)"
done
docker image rm -f rail:1.0 rail:dev >/dev/null
