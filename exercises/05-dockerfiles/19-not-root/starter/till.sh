#!/bin/sh
# Sells dal at the price of the list and writes it into the book.
set -eu
price=$(sed -n 's/^dal //p' /till/prices.txt)
echo "dal $price" >> /till/sales/book.txt
echo "sold dal for Rs $price, book has $(wc -l < /till/sales/book.txt) line"
