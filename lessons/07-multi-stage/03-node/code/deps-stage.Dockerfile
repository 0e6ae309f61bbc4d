# What npm reads, and nothing else: an edit in src/ does not reach it.
FROM node:24 AS manifests
WORKDIR /app
COPY package.json package-lock.json ./
COPY vendor ./vendor

# Production dependencies. The cache mount keeps npm's downloads
# between builds, and out of the layer.
FROM manifests AS deps
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev

# Everything, to build with. Runs beside `deps`, not after it.
FROM manifests AS build
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
RUN npm run build

# The image: a small base of the same Debian, two folders, no root.
FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=deps --chown=node:node /app/node_modules ./node_modules
COPY --from=build --chown=node:node /app/dist ./dist
USER node
EXPOSE 3000
CMD ["node", "dist/server.js"]
