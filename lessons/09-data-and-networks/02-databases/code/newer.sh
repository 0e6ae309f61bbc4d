docker build -q -t postgres:khata -f db.Dockerfile db >/dev/null
docker volume create khata >/dev/null; docker network create khata-net >/dev/null
up() {
    docker run -d --name khata-db --network khata-net -e POSTGRES_PASSWORD="$1" \
        -v khata:/var/lib/postgresql/data postgres:khata >/dev/null
    until docker exec khata-db pg_isready -h 127.0.0.1 -q; do sleep 1; done
}
ask() {
    docker run --rm --network khata-net -e PGPASSWORD="$1" postgres:khata \
        psql -h khata-db -U postgres -Atc 'SELECT 340' 2>&1 |
        grep -o -e 'password authentication failed' -e 340
}

up first
ask first
docker rm -f khata-db >/dev/null

up second
ask second
ask first

docker rm -f khata-db >/dev/null
docker volume rm khata >/dev/null; docker network rm khata-net >/dev/null
docker image rm -f postgres:khata >/dev/null
