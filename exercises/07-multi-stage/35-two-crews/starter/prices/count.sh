# Adds up the prices: list.txt beside this file becomes the file named by $1.
sum=0
while read -r _ price; do sum=$((sum + price)); done < "$(dirname "$0")/list.txt"
echo "sum: Rs $sum" > "$1"
