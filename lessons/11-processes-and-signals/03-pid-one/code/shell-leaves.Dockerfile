FROM busybox:1.37
COPY --chmod=755 *.sh /
CMD echo "good morning"; /counter.sh
