#!/bin/sh
docker image tag chai-api:dev 127.0.0.1:5000/chai-api:1.4.2
docker image push -q 127.0.0.1:5000/chai-api:1.4.2
docker image inspect -f '{{index (split (index .RepoDigests 0) "@") 1}}' 127.0.0.1:5000/chai-api:1.4.2 > digest.txt
docker rmi 127.0.0.1:5000/chai-api:1.4.2
docker pull localhost:5000/chai-api@$(cat digest.txt)
docker run -d --name chai localhost:5000/chai-api@$(cat digest.txt)
