docker build -t menu:swept -f swept.Dockerfile menu
docker build -t menu:not-swept -f not-swept.Dockerfile menu
docker image inspect -f '{{index .RepoTags 0}} {{.Size}} bytes' menu:swept menu:not-swept
docker image rm -f menu:swept menu:not-swept >/dev/null
