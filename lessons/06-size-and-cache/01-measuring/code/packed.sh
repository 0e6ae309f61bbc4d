docker build -t quilt -f packed.Dockerfile board
docker image inspect -f 'unpacked:   {{.Size}} bytes' quilt
echo "compressed: $(docker save quilt | gzip -c | wc -c) bytes"
docker image rm -f quilt >/dev/null
