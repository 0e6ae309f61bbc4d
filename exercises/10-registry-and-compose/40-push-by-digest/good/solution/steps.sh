#!/bin/sh
docker tag chai-api:dev localhost:5000/chai-api:1.4.2
docker push localhost:5000/chai-api:1.4.2
docker image inspect -f '{{index .RepoDigests 0}}' localhost:5000/chai-api:1.4.2 > chai.txt
docker run -d --name chai "$(cat chai.txt)"
