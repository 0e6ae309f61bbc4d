trap 'docker rm -f desk >/dev/null 2>&1; docker image rm -f counter:1 counter:leaves counter:stays >/dev/null 2>&1' EXIT
docker build -q -t counter:1 counter >/dev/null
docker build -q -t counter:leaves -f shell-leaves.Dockerfile counter >/dev/null
docker build -q -t counter:stays -f shell-stays.Dockerfile counter >/dev/null
stop() {
    docker run -d --name desk "$@" >/dev/null; sleep 1
    before=$(date +%s); docker stop -t 3 desk >/dev/null; took=$(($(date +%s) - before))
    code=$(docker inspect -f '{{.State.ExitCode}}' desk)
    if [ $took -lt 2 ]; then took=at-once; else took=grace-period; fi
    docker rm desk >/dev/null; echo "exit $code $took"
}
try() { printf '%-44s %s\n' "$1" "$(shift; stop "$@")"; }
try 'CMD ["/counter.sh"]'                       counter:1
try 'CMD echo hi; /counter.sh'                  counter:leaves
try 'CMD /counter.sh; echo bye'                 counter:stays
try 'start.sh, which runs /counter.sh'          counter:1 /start.sh
try 'hand-over.sh, which says exec /counter.sh' counter:1 /hand-over.sh
try 'sleep 300, which knows no signals'         counter:1 sleep 300
try 'sleep 300 with --init'                     --init counter:1 sleep 300
