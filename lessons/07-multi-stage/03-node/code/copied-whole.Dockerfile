FROM node:24 AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY vendor ./vendor
RUN npm ci
COPY . .
RUN npm run build

FROM node:24-slim
WORKDIR /app
COPY --from=build /app/dist ./dist
# "Only the production dependencies", says the comment in many notes. Is it so?
COPY --from=build /app/node_modules ./node_modules
CMD ["node", "dist/server.js"]
