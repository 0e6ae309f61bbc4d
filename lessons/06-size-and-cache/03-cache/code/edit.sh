for order in all-first manifests-first; do
    docker build -t fares -f $order.Dockerfile board
    echo "// edited $(date +%s%N)" >> board/src/server.js
    docker build -t fares -f $order.Dockerfile board 2>again.log
    step=$(awk '/RUN.* npm ci/ {print $1; exit}' again.log)
    said=$(awk -v step="$step" '$1 == step {print $2}' again.log | tail -n 1)
    echo "$order, after an edit: npm ci $said"
done
docker image rm -f fares >/dev/null
