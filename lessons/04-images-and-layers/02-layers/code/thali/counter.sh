echo "counter: $(wc -l < menu.txt) dishes"
