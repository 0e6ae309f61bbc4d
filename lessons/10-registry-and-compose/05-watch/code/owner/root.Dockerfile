FROM node:24-slim
COPY www /www
USER node
CMD ["sleep", "600"]
