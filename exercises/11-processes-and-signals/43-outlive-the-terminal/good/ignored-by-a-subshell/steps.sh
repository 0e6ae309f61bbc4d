(trap '' HUP; exec ./settle.sh) &> settle.log < /dev/null &
