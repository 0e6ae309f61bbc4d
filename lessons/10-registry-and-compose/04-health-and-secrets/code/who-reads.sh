trap 'docker compose -f stall/env.yaml down --rmi local >/dev/null 2>&1' EXIT
for file in env.yaml secret.yaml; do
    docker compose -f stall/$file up -d --build >/dev/null 2>&1
    echo "$file: in inspect $(docker inspect chai-stall-till-1 | grep -c kadak-adrak) times"
    docker exec chai-stall-till-1 cat /run/secrets/upi_key 2>/dev/null || true
    docker compose -f stall/$file down >/dev/null 2>&1
done
