docker build -t clock:builder --target build -f dynamic.Dockerfile go
docker run --rm clock:builder ldd /clock | cut -d '(' -f 1
docker build -t clock:builder --target build -f static.Dockerfile go
docker run --rm clock:builder ldd /clock 2>&1 || true
docker image rm -f clock:builder >/dev/null
