sent() {
    docker build -t sent "$@" 2>&1 | awk '/transferring context: [0-9]/ {s = $4} END {print s}'
}
rm board/.dockerignore
head -c 20000000 /dev/urandom > board/old-backup.tar
echo "COPY package.json /      $(sent -f one-file.Dockerfile board)"
echo "COPY . /                 $(sent -f whole.Dockerfile board)"
printf '%s\n' '*.tar' node_modules .git .env '**/*.log' > board/.dockerignore
echo "COPY . / and the list    $(sent -f whole.Dockerfile board)"
docker image rm -f sent >/dev/null
