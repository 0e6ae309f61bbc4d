FROM busybox:1.37
ARG TOKEN
WORKDIR /app
COPY . .
RUN rm .env
RUN echo "fetching with $TOKEN" > /dev/null
ENV API_KEY=kesar-pista-7
CMD ["cat", "menu.txt"]
