trap 'docker rm -f morning evening >/dev/null 2>&1; docker image rm -f chai-stall:1 >/dev/null 2>&1' EXIT
docker build -q -t chai-stall:1 stall
docker run --name morning chai-stall:1 sh -c 'echo "masala sold out" >> /menu.txt; cat /menu.txt'
echo "---"
docker run --name evening chai-stall:1
