cd stall
docker compose -f menu.yaml config | grep PRICE
PRICE=12 docker compose -f menu.yaml config | grep PRICE
docker compose -f menu.yaml config --services
echo "--- with the profile evening"
docker compose -f menu.yaml --profile evening config --services | sort
