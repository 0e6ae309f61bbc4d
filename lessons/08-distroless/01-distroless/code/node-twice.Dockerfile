FROM gcr.io/distroless/nodejs24-debian13:nonroot
WORKDIR /app
COPY server.js ./
CMD ["node", "server.js"]
