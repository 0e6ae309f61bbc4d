FROM node:24-alpine
RUN apk add --no-cache tzdata
WORKDIR /stall
COPY server.js .
USER node
CMD ["node", "server.js"]
