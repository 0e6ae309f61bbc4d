FROM node:24 AS deps
WORKDIR /app
COPY package.json package-lock.json ./
COPY vendor ./vendor
RUN npm ci

FROM deps AS test
COPY . .
RUN npm test && touch /tests-passed

FROM node:24-slim
WORKDIR /app
COPY --from=deps /app/node_modules ./node_modules
COPY src ./src
COPY --from=test /tests-passed /tests-passed
USER node
CMD ["node", "src/server.js"]
