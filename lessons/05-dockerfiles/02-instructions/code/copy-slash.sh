docker build -t copied -f copy-slash.Dockerfile board
docker run --rm copied | sort
docker image rm -f copied >/dev/null
