# A till that counts its drawer first, as a database recovers its tables: three seconds.
mkdir /sold; echo "412 cups" > /sold/sold.txt
sleep 3
exec httpd -f -p 8081 -h /sold
