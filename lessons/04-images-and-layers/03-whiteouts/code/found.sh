docker build -t gateway -f gateway.Dockerfile gateway
echo "in a container: $(docker run --rm gateway ls -A | tr '\n' ' ')"
docker save gateway -o gateway.tar
mkdir sheets && tar -xf gateway.tar -C sheets
for file in $(find sheets -type f -size -20k); do
    tar -tvf "$file" 2>/dev/null | awk '/[.]env/ {print "in a layer:    ", $3, "bytes ", $NF}'
done | sort -r
docker image rm -f gateway >/dev/null
