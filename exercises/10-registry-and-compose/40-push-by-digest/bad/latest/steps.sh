#!/bin/sh
docker tag chai-api:dev localhost:5000/chai-api
docker push localhost:5000/chai-api
docker image inspect -f '{{index .RepoDigests 0}}' localhost:5000/chai-api > chai.txt
docker run -d --name chai "$(cat chai.txt)"
