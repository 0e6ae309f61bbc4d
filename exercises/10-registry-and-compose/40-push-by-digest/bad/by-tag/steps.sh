#!/bin/sh
docker tag chai-api:dev localhost:5000/chai-api:1.4.2
docker push localhost:5000/chai-api:1.4.2
docker run -d --name chai localhost:5000/chai-api:1.4.2
