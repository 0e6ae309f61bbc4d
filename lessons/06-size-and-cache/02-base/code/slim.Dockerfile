FROM node:24-slim
WORKDIR /stall
COPY server.js .
USER node
CMD ["node", "server.js"]
