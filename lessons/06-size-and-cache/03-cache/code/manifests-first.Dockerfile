FROM node:24-slim
WORKDIR /app
COPY package.json package-lock.json ./
COPY vendor ./vendor
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
CMD ["node", "src/server.js"]
