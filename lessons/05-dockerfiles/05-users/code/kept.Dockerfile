FROM busybox:1.37
RUN --mount=type=secret,id=supplier_key \
    key=$(cat /run/secrets/supplier_key) \
    && echo "prices signed with $(echo "$key" | sha256sum | cut -c 1-8)" > /prices
CMD ["cat", "/prices"]
