FROM busybox:1.37
RUN mkdir /data && echo "first page" > /data/visits.txt
COPY --chmod=755 open.sh /open.sh
CMD ["/open.sh"]
