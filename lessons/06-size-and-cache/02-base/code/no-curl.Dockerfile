FROM node:24-slim
RUN curl --fail http://localhost:3000/
