docker build -t chai:one-stage  -f one-stage.Dockerfile  api
docker build -t chai:two-stages -f two-stages.Dockerfile api
docker image inspect -f '{{index .RepoTags 0}} {{.Size}} bytes' chai:one-stage chai:two-stages
docker run --rm chai:two-stages
docker image rm -f chai:one-stage chai:two-stages >/dev/null
