FROM busybox:1.37
WORKDIR /shop
COPY . .
USER 10001:10001
CMD ["sh", "till.sh"]
