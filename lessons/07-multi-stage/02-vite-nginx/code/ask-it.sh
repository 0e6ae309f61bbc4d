docker build -t menu:stand -f site.Dockerfile menu
docker run -d --name menu menu:stand
docker exec menu curl -s -o /dev/null -w '%{http_code} %{content_type}\n' localhost/kulhad.png
docker exec menu curl -s -o /dev/null -w '%{http_code} %{content_type}\n' localhost/order/42
docker rm -f menu
docker image rm -f menu:stand >/dev/null
