ask() { docker run --rm --network mohalla -i library:$1 python - http://library:8000 <ask.py; }

docker network create mohalla >/dev/null
docker build -t library:try  -f first-try.Dockerfile library
docker build -t library:1.0  -f library.Dockerfile library
docker run --rm -i -u 0 -v loans:/data library:1.0 \
    sh -c 'cat >/data/loans.txt' <library/data/loans.txt
for version in try 1.0; do
    docker run -d --name library --network mohalla -e MAX_LOANS=3 \
        -v loans:/app/data:ro library:$version >/dev/null
    echo "library:$version"
    ask $version
    docker logs library
    docker rm -f library >/dev/null
done
docker volume rm loans >/dev/null; docker network rm mohalla >/dev/null; docker image rm -f library:try library:1.0 >/dev/null
