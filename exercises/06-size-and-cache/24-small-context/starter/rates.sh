# rates.sh: the price list, one item a line.
while IFS=, read -r item rupees; do
    echo "$item: Rs $rupees"
done <rates.txt
