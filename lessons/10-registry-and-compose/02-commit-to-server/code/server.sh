. ./kitchen.sh
commit "Bills"; sh pipeline.sh; image=$(release 1); sh deploy.sh $image
docker run --rm $image ls /Dockerfile /test.sh /.git 2>&1 | cut -d' ' -f2- || true
docker run --rm $image tail -3 /www/cgi-bin/bill
revision=$(docker inspect -f '{{index .Config.Labels "org.opencontainers.image.revision"}}' counter)
git -C shop log -1 --format='counter runs %h, "%s"' --abbrev=12 $revision
