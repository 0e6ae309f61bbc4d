FROM gcr.io/distroless/nodejs24-debian13:nonroot
WORKDIR /app
COPY server.js ./
EXPOSE 3000
CMD ["server.js"]
