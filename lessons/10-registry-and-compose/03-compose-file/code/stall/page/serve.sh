# The page asks the till, by name, whenever somebody asks it.
mkdir -p /www/cgi-bin
cat > /www/cgi-bin/today <<'CGI'
#!/bin/sh
printf 'Content-Type: text/plain\n\n'
wget -qO - http://till:8081/sold.txt
CGI
chmod +x /www/cgi-bin/today
exec httpd -f -p 8080 -h /www
