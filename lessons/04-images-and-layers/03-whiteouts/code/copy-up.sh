docker build -t ledger -f ledger.Dockerfile .
docker run -d --name ledger-now ledger sleep 60 >/dev/null
docker exec ledger-now cat /ledger | wc -c
docker ps -s --filter name=ledger-now --format 'after reading: {{.Size}}'
docker exec ledger-now sh -c 'printf x >> /ledger'
docker ps -s --filter name=ledger-now --format 'after one byte: {{.Size}}'
docker diff ledger-now
docker rm -f ledger-now >/dev/null; docker image rm -f ledger >/dev/null
