FROM busybox:1.37
COPY --chmod=755 auto.sh /bin/auto
ENTRYPOINT ["auto"]
CMD ["Pune Station"]
