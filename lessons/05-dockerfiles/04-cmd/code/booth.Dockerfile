FROM busybox:1.37
COPY booth.sh /
HEALTHCHECK --interval=1s --timeout=2s --retries=2 --start-period=5s \
    CMD test -f /tmp/open
CMD ["sh", "/booth.sh"]
