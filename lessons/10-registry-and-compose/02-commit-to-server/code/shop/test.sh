# One cup and three cups: the bill grows by the cup.
one=$(QUERY_STRING=1 sh /www/cgi-bin/bill | sed -n 's/.*Rs //p')
three=$(QUERY_STRING=3 sh /www/cgi-bin/bill | sed -n 's/.*Rs //p')
[ "$three" -eq $((3 * one)) ] || { echo "three cups cost Rs $three, one costs Rs $one"; exit 1; }
