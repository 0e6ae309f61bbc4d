#!/bin/sh
# On the counter, but of which image will it be tomorrow?
docker run -d --name chai chai-api:dev
