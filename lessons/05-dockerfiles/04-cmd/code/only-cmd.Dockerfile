FROM busybox:1.37
COPY --chmod=755 auto.sh /bin/auto
CMD ["auto", "Pune Station"]
