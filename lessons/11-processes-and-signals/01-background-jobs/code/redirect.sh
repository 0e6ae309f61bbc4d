trap 'docker image rm -f room >/dev/null 2>&1' EXIT
docker build -q -t room room >/dev/null
docker run --rm room bash -c '
    job() { echo "paid 240"; echo "refused 99" >&2; }
    echo "--- > log 2>&1";  job > log 2>&1;  echo "in the log:"; cat log
    echo "--- 2>&1 > log";  job 2>&1 > log;  echo "in the log:"; cat log
' 2>&1
