trap 'docker rm -f till >/dev/null 2>&1; docker image rm -f till:1 >/dev/null 2>&1; rm -f start.sh' EXIT
docker build -q -t till:1 till >/dev/null
printf '#!/bin/sh\r\nexec /till.sh\r\n' > start.sh; chmod 755 start.sh
for how in /start.sh 'sh -c /start.sh'; do
    docker create --name till till:1 $how >/dev/null
    docker cp start.sh till:/ 2>/dev/null
    docker start -a till 2>&1 || echo "$how: exit code $?"
    docker rm till >/dev/null
done
