FROM node:24 AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY vendor ./vendor
RUN npm ci
COPY . .
RUN npm run build

FROM nginx:1
COPY --from=build /app/build /usr/share/nginx/html
