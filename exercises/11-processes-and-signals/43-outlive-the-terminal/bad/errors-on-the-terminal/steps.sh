setsid ./settle.sh 2>&1 > settle.log < /dev/null &
