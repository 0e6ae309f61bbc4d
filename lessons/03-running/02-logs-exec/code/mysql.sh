docker run -d --name my-db -v db:/var/lib/mysql -v "$PWD/root-password:/run/root-password:ro" \
    -e MYSQL_ROOT_PASSWORD_FILE=/run/root-password mysql:8.4
docker exec -it my-db mysql -u root -p
