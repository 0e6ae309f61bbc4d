FROM busybox:1.37
RUN sleep 4 && mkdir /app && echo "pages" > /app/pages
RUN sleep 7 && echo "server" > /app/server
CMD ["ls", "/app"]
