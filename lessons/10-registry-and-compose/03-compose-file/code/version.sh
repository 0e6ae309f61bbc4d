docker compose -f old.yaml config -q
