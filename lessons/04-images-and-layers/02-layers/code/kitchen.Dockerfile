FROM busybox:1.37
LABEL shop="Udupi Thali House"
WORKDIR /shop
COPY make-menu.sh .
RUN sh make-menu.sh > menu.txt
COPY kitchen.sh .
EXPOSE 8080
CMD ["sh", "kitchen.sh"]
