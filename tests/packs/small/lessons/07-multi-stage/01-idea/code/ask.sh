docker image ls chai-api          # is the builder in the image?
docker buildx du --filter type=regular --format '{{.ID}} {{.Size}}' | sort -k2 -h | tail -5
