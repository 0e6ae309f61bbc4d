FROM busybox:1.37
WORKDIR /app
COPY data .
COPY data ./data
COPY data/*.txt board.sh /srv/
CMD ["sh", "-c", "find /app /srv -type f"]
