FROM node:24-slim
COPY health.mjs /
HEALTHCHECK --interval=1s --timeout=5s --retries=1 CMD ["node", "/health.mjs"]
CMD ["node", "-e", "require('http').createServer((q, a) => a.end('ok')).listen(3000)"]
