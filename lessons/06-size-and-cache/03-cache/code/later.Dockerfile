FROM busybox:1.37
RUN head -c 20000000 /dev/urandom > /raw
RUN wc -c < /raw > /report
RUN rm /raw
