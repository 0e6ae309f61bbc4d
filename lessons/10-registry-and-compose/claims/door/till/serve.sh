# The till keeps its one figure in a volume.
[ -e /sold/sold.txt ] || echo "0 cups" > /sold/sold.txt
exec httpd -f -p 8081 -h /sold
