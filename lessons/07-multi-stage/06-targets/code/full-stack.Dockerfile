FROM node:24 AS frontend
WORKDIR /app
COPY frontend/package.json frontend/package-lock.json ./
COPY frontend/vendor ./vendor
RUN --mount=type=cache,target=/root/.npm npm ci
COPY frontend .
RUN npm run build

FROM node:24 AS backend-deps
WORKDIR /app
COPY backend/package.json backend/package-lock.json ./
COPY backend/vendor ./vendor
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev

FROM backend-deps AS test
COPY backend .
RUN npm test && touch /tests-passed

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=test /tests-passed /tests-passed
COPY --from=backend-deps /app/node_modules ./node_modules
COPY --from=frontend /app/dist ./public
COPY backend/src ./src
USER node
EXPOSE 3000
HEALTHCHECK --interval=5s --timeout=3s CMD ["node", "src/check.js"]
CMD ["node", "src/server.js"]
