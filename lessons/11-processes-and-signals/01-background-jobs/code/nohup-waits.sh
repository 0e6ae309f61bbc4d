trap 'docker image rm -f room >/dev/null 2>&1' EXIT
docker build -q -t room room >/dev/null
docker run --rm room bash -c '
    SECONDS=0; nohup sleep 2 2>/dev/null; echo "nohup alone: the prompt came back after $SECONDS s"
    SECONDS=0; nohup sleep 2 2>/dev/null & echo "nohup and &: after $SECONDS s"
'
