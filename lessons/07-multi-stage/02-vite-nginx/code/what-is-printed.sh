docker build -t menu:press --target build -f site.Dockerfile menu
docker run --rm menu:press du -sh /app/node_modules /app/dist
docker run --rm menu:press find dist -type f
docker run --rm menu:press sh -c 'cat dist/assets/*.js'
docker image rm -f menu:press >/dev/null
