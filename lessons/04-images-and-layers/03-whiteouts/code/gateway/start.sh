echo "gateway up"
