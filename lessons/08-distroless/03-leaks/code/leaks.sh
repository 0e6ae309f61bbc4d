docker build -t shop:leaky --build-arg TOKEN=ghp_1234 -f leaky.Dockerfile shop
docker history --no-trunc shop:leaky | grep -o 'TOKEN=[a-z0-9_]*' | head -n 1
docker image inspect -f '{{.Config.Env}}' shop:leaky | grep -o 'API_KEY=[a-z0-9-]*'
docker run --rm shop:leaky cat app.py | head -n 1
docker run --rm shop:leaky ls -a
mkdir layers && docker image save shop:leaky | tar -xC layers
find layers -type f -exec zcat -f {} + | grep -a -o 'DB_PASSWORD=[a-z0-9-]*' | head -n 1
rm -r layers
docker image rm -f shop:leaky >/dev/null
