ride() { docker run --rm "$@" 2>&1 | grep -o 'Auto goes.*\|executable file not found'; }
for way in only-cmd both shell-form; do
    docker build -t auto:$way -f $way.Dockerfile auto
    docker image inspect -f "$way: {{json .Config.Entrypoint}} {{json .Config.Cmd}}" auto:$way
    ride auto:$way
    ride auto:$way "Koregaon Park"
done
docker image rm -f auto:only-cmd auto:both auto:shell-form >/dev/null
