# board.sh: the morning's trains, sorted by time.
sort data/trains.txt | while read -r time number name; do
    printf '%s  %s  %s\n' "$time" "$number" "$name"
done
