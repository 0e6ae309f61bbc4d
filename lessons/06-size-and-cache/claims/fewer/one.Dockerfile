FROM busybox:1.37
RUN for name in one two three four five; do head -c 4000000 /dev/urandom > /$name; done
