FROM node:24-slim
WORKDIR /app
COPY src ./dist
RUN npm ci --omit=dev
