FROM busybox:1.37
RUN head -c 20000000 /dev/zero > /ledger
