docker build -q -t dhaba:gate -f gate.Dockerfile dhaba/backend >/dev/null && echo "shipped"
sed -i 's/sum + price/sum - price/' dhaba/backend/src/bill.js
docker build -q -t dhaba:gate -f gate.Dockerfile dhaba/backend >/dev/null 2>&1 || echo "stopped by the tests"
docker image rm -f dhaba:gate >/dev/null
