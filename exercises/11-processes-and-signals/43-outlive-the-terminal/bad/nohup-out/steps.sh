nohup ./settle.sh &
