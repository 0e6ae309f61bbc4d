nohup ./settle.sh > settle.log 2>&1 &
