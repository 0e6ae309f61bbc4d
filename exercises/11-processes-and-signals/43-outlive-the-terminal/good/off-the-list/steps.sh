./settle.sh > settle.log 2>&1 < /dev/null &
disown %1
