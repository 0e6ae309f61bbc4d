FROM busybox:1.37
ENV SHOP="Anand Tea Stall"
WORKDIR /shop
COPY menu.txt menu.sh ./
USER nobody
EXPOSE 8080
CMD ["sh", "menu.sh"]
