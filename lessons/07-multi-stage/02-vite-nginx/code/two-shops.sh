docker build -t menu:press -f press-in-the-shop.Dockerfile menu
docker build -t menu:stand -f site.Dockerfile menu
docker image inspect -f '{{index .RepoTags 0}} {{.Size}} bytes' menu:press menu:stand
docker history --format '{{.Size}} {{.CreatedBy}}' menu:stand | head -n 4
docker image rm -f menu:press menu:stand >/dev/null
