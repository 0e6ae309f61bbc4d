docker build -t stall -f stall.Dockerfile stall
docker run -d --name stall -v khata:/data stall sleep 60 >/dev/null
docker volume rm khata 2>&1 | grep -o 'volume is in use' || true
docker rm -f stall >/dev/null
docker volume rm khata
docker image rm -f stall >/dev/null
