trap 'docker compose -f stall/compose.yaml down --rmi local >/dev/null 2>&1' EXIT
for file in compose.yaml healthy.yaml; do
    docker compose -f stall/$file up -d --build >/dev/null 2>&1; sleep 1
    echo "$file: $(docker logs chai-stall-page-1 2>/dev/null)"
    docker compose -f stall/$file down >/dev/null 2>&1
done
