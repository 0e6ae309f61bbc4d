docker run --rm debian:trixie-slim bash -c '
    SECONDS=0; nohup sleep 2 2>/dev/null; echo "nohup alone: the prompt came back after $SECONDS s"
    SECONDS=0; nohup sleep 2 2>/dev/null & echo "nohup and &: after $SECONDS s"
'
