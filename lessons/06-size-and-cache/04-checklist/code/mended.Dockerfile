FROM node:24-slim
LABEL org.opencontainers.image.authors="token@bank.example"
WORKDIR /counter
COPY --chown=node:node . .
RUN head -c 3000000 /dev/urandom > sounds.bin
USER node
EXPOSE 3000
CMD ["node", "counter.js"]
