# Reads the prices once, when it starts.
. /prices.conf
echo "cutting Rs $CUTTING" > /price.txt
httpd -f -p 8080
