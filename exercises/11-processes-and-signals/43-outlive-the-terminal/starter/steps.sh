./settle.sh &
