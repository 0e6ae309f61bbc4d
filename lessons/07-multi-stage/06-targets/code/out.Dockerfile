FROM node:24 AS frontend
WORKDIR /app
COPY frontend/package.json frontend/package-lock.json ./
COPY frontend/vendor ./vendor
RUN npm ci
COPY frontend .
RUN npm run build

FROM scratch AS pages
COPY --from=frontend /app/dist /
