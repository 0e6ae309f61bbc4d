FROM node:24
WORKDIR /stall
COPY server.js .
USER node
CMD ["node", "server.js"]
