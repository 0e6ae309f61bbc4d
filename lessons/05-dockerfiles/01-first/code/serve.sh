docker build -t rail:1.0 rail
docker run -d --name rail-now -p 127.0.0.1::8002 rail:1.0 >/dev/null
sleep 2
docker exec rail-now python3 -c "
import urllib.request as u
print(u.urlopen('http://127.0.0.1:8002').read().decode(), end='')"
docker ps --filter name=rail-now --format '{{.Image}}  {{.Command}}'
docker rm -f rail-now >/dev/null
docker image rm -f rail:1.0 >/dev/null
