#!/bin/sh
docker push chai-api:dev
docker run -d --name chai chai-api:dev
