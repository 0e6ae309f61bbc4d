FROM busybox:1.37
COPY index.html /www/
EXPOSE 8000
CMD ["httpd", "-f", "-p", "8000", "-h", "/www"]
