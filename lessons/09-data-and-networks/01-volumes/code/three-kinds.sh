docker build -t stall -f stall.Dockerfile stall
mkdir table

echo "no mount:  $(docker run --rm stall ls /data)"
echo "volume:    $(docker run --rm -v khata:/data stall ls /data)"
echo "bind:      $(docker run --rm -v "$PWD/table":/data stall ls /data)"
echo "tmpfs:     $(docker run --rm --tmpfs /data stall ls /data)"

docker volume rm khata >/dev/null; rmdir table
docker image rm -f stall >/dev/null
