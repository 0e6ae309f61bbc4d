FROM busybox:1.37 AS press
RUN head -c 20000000 /dev/urandom > /catalogue

FROM busybox:1.37
COPY --from=press --chown=10001:10001 /catalogue /shop/catalogue
