docker build -q -t postgres:khata -f db.Dockerfile db >/dev/null
start() {
    docker run -d --name "$1" --network none -e POSTGRES_PASSWORD=adrak \
        -v "$1":/var/lib/postgresql/data postgres:khata >/dev/null
    until docker exec "$1" pg_isready -h 127.0.0.1 -q; do sleep 1; done
}
start khata-old
docker exec -i khata-old psql -U postgres -q < db/init.sql

docker exec khata-old pg_dump -U postgres postgres > khata.sql
grep -c . khata.sql

start khata-new
docker exec -i khata-new psql -U postgres -q < khata.sql >/dev/null
docker exec khata-new psql -U postgres -Atc 'SELECT sum(cups) FROM khata'

docker rm -f khata-old khata-new >/dev/null
docker volume rm khata-old khata-new >/dev/null
rm khata.sql; docker image rm -f postgres:khata >/dev/null
