FROM busybox:1.37
RUN head -c 20000000 /dev/urandom > /raw \
    && wc -c < /raw > /report \
    && rm /raw
