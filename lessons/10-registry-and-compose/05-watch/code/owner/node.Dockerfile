FROM node:24-slim
COPY --chown=node www /www
USER node
CMD ["sleep", "600"]
