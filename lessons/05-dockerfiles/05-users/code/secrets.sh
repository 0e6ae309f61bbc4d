echo "not-a-real-key-108" > supplier.key
docker build -t prices:leak -f leak.Dockerfile \
    --build-arg SUPPLIER_KEY="$(cat supplier.key)" shop
docker build -t prices:kept -f kept.Dockerfile \
    --secret id=supplier_key,src=supplier.key shop
lines() { grep -c not-a-real-key || true; }
for way in leak kept; do
    echo "$way: $(docker run --rm prices:$way)"
    echo "  history: $(docker history --no-trunc prices:$way | lines) lines with the key"
    echo "  inspect: $(docker image inspect prices:$way | lines) lines with the key"
done
docker image rm -f prices:leak prices:kept >/dev/null
