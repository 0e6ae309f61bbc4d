docker login
docker tag menu:1.4.2 YOUR-NAME/menu:1.4.2
docker push YOUR-NAME/menu:1.4.2
