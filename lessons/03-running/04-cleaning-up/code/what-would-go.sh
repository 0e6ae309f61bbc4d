docker system prune --help | sed -n '/^Options/,$p'
docker volume prune --help | grep -e '--all'
