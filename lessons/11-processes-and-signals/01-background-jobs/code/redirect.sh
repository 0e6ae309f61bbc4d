docker run --rm debian:trixie-slim bash -c '
    job() { echo "paid 240"; echo "refused 99" >&2; }
    echo "--- > log 2>&1";  job > log 2>&1;  echo "in the log:"; cat log
    echo "--- 2>&1 > log";  job 2>&1 > log;  echo "in the log:"; cat log
'
