#!/bin/sh
# Makes the page of today's menu from menu.csv, and is done.
{
  echo "<h1>Meena Tiffin</h1>"
  while IFS=, read -r dish price; do echo "<p>$dish: Rs $price</p>"; done < /import/menu.csv
} > /www/index.html
echo "import: $(wc -l < /import/menu.csv) dishes"
