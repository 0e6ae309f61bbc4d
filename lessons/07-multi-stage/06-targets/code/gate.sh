docker build -q -t dhaba:gate -f gate.Dockerfile dhaba/backend >log && echo "shipped"
sed -i 's/sum + price/sum - price/' dhaba/backend/src/bill.js
docker build -q -t dhaba:gate -f gate.Dockerfile dhaba/backend 2>log || echo "stopped by the tests"
docker image rm -f dhaba:gate >/dev/null
