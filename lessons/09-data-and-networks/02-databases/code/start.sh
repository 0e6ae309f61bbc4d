docker build -q -t postgres:khata -f db.Dockerfile db >/dev/null
docker volume create khata >/dev/null
docker run -d --name khata-db --network none \
    -e POSTGRES_PASSWORD_FILE=/run/secrets/pw \
    -v "$PWD/db/password.txt":/run/secrets/pw:ro \
    -v "$PWD/db/init.sql":/docker-entrypoint-initdb.d/init.sql:ro \
    -v khata:/var/lib/postgresql/data \
    postgres:khata >/dev/null
until docker exec khata-db pg_isready -h 127.0.0.1 -q; do sleep 1; done
docker exec khata-db psql -U postgres -c 'SELECT * FROM khata'
docker inspect -f '{{.Config.Env}}' khata-db | grep -o 'POSTGRES_PASSWORD[^ ]*'

docker rm -f khata-db >/dev/null
docker volume rm khata >/dev/null
docker image rm -f postgres:khata >/dev/null
