docker run --rm -w /tmp debian:trixie-slim sh -c '
    script -qc "nohup echo to a terminal" /dev/null;  ls nohup.out && rm nohup.out
    nohup echo to a pipe | cat;                       ls nohup.out 2>&1
' || true
