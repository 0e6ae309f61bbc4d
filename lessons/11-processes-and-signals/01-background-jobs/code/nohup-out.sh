trap 'docker image rm -f room >/dev/null 2>&1' EXIT
docker build -q -t room room >/dev/null
docker run --rm room sh -c '
    script -qc "nohup echo to a terminal" /dev/null;  ls nohup.out && rm nohup.out
    nohup echo to a pipe | cat;                       ls nohup.out 2>&1
' || true
