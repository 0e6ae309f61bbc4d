FROM node:24-slim as Counter
MAINTAINER token@bank.example
ENV ADMIN_PASSWORD letmein
WORKDIR counter
ADD . .
RUN head -c 3000000 /dev/urandom > sounds.bin
RUN chown -R node:node /counter
EXPOSE 3000
CMD node counter.js
