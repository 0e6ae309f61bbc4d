echo "kitchen: $(wc -l < menu.txt) dishes"
