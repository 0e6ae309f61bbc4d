# Reads the prices once, when it starts; reads the pages each time somebody asks.
. /prices.conf
echo "cutting Rs $CUTTING" > /price.txt
httpd -f -p 8080 -h /www
