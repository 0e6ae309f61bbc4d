FROM busybox:1.37 AS press
RUN head -c 20000000 /dev/urandom > /catalogue

FROM busybox:1.37
COPY --from=press /catalogue /shop/catalogue
RUN chown -R 10001:10001 /shop
