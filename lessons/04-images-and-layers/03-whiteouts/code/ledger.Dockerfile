FROM busybox:1.37
RUN head -c 5000000 /dev/zero > /ledger
