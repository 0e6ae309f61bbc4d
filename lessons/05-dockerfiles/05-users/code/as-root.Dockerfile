FROM busybox:1.37
WORKDIR /shop
COPY . .
CMD ["sh", "till.sh"]
