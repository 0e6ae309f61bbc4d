docker build -t bill:pieces -f pieces.Dockerfile shop
docker run --rm bill:pieces python app.py
docker run --rm bill:pieces sh -c 'kirana-serve 2>&1' || echo "exit code $?"
docker image rm -f bill:pieces >/dev/null
