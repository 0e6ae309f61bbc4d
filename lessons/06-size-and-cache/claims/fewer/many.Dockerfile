FROM busybox:1.37
RUN head -c 4000000 /dev/urandom > /one
RUN head -c 4000000 /dev/urandom > /two
RUN head -c 4000000 /dev/urandom > /three
RUN head -c 4000000 /dev/urandom > /four
RUN head -c 4000000 /dev/urandom > /five
