FROM busybox:1.37
WORKDIR /gateway
COPY . .
RUN rm .env
CMD ["sh", "start.sh"]
