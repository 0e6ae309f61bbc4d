nohup ./setle.sh > settle.log 2>&1 &
