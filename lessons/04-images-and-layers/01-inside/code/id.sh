docker build -t stall -f stall.Dockerfile shop
docker image inspect -f '{{.Id}}' stall
mkdir parcel && docker save stall | tar -xC parcel
sheet=$(find parcel -type f -exec sha256sum {} + |
    grep "^$(docker image inspect -f '{{.Id}}' stall | cut -d : -f 2)" | cut -c 67-)
sha256sum <"$sheet"
wc -c <"$sheet"
docker image rm -f stall >/dev/null
