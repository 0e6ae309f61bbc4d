#!/bin/sh
docker tag chai-api:dev localhost:5000/chai-api:1.4.2
docker push localhost:5000/chai-api:1.4.2
docker image inspect -f '{{index (split (index .RepoDigests 0) "@") 1}}' localhost:5000/chai-api:1.4.2 > digest.txt
docker run -d --name chai "localhost:5000/chai-api:1.4.2@$(cat digest.txt)"
