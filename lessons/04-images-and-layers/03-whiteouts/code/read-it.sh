docker build -t gateway -f gateway.Dockerfile gateway
docker save gateway -o gateway.tar
mkdir sheets && tar -xf gateway.tar -C sheets
for file in $(find sheets -type f); do
    tar -xOf "$file" gateway/.env 2>/dev/null || true
done
docker image rm -f gateway >/dev/null
