# HOW LINE: opens a terminal, types LINE, ends it (close | exit), looks for the job
mkfifo /tmp/keys
script -qfc "exec bash --norc -i" /dev/null < /tmp/keys >/dev/null 2>&1 &
window=$!
exec 3> /tmp/keys
echo "$2" >&3
until grep -qsx sleep /proc/[0-9]*/comm; do sleep 0.1; done
sleep 0.5
case $1 in
    exit) echo exit >&3 ;;
    close) kill -9 $window ;;    # what draws the window is gone: to bash it is closed
esac
wait $window 2>/dev/null
while grep -qs "[n]orc" /proc/[0-9]*/cmdline; do sleep 0.1; done    # the shell itself has gone
sleep 0.3
if grep -qx sleep /proc/[0-9]*/comm 2>/dev/null; then echo lives; else echo dead; fi
