FROM debian:trixie-slim
RUN useradd --system --uid 10001 till
WORKDIR /shop
COPY till.sh prices.txt ./
RUN install --directory --owner=till /shop/sales
USER till
WORKDIR /shop/sales
CMD ["sh", "/shop/till.sh"]
