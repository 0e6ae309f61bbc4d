docker build -t sweets:bare -f bare.Dockerfile sweets
docker build -t sweets:ready -f ready.Dockerfile sweets
docker image inspect -f '{{index .RepoTags 0}} {{.Size}} bytes' sweets:bare sweets:ready
docker history --format '{{.Size}} {{.CreatedBy}}' sweets:ready
docker image rm -f sweets:bare sweets:ready >/dev/null
