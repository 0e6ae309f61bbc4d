docker build -t sweets:bare -f bare.Dockerfile sweets
docker build -t sweets:ready -f ready.Dockerfile sweets
docker run --rm sweets:bare /sweets -look
echo "---"
docker run --rm sweets:ready /sweets -look
docker image rm -f sweets:bare sweets:ready >/dev/null
