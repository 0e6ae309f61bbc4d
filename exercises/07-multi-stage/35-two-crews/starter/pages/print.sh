# Prints the menu: menu.txt beside this file becomes the file named by $1.
sort "$(dirname "$0")/menu.txt" | sed 's/^/* /' > "$1"
