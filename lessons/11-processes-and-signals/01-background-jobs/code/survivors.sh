trap 'docker image rm -f room >/dev/null 2>&1' EXIT
docker build -q -t room room >/dev/null
ask() { docker run --rm room bash /window.bash "$@" 2>/dev/null; }
printf '%-22s %-15s %s\n' "line typed" "window closed" "exit typed"
for line in 'sleep 300 &' 'nohup sleep 300 &' 'sleep 300 & disown' 'setsid sleep 300'; do
    printf '%-22s %-15s %s\n' "$line" "$(ask close "$line")" "$(ask exit "$line")"
done
