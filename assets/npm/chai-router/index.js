'use strict';
const http = require('node:http');

// GET routes only: that is all a menu needs.
module.exports = function router() {
  const routes = new Map();
  return {
    get(path, handler) {
      routes.set(path, handler);
      return this;
    },
    listen(port, whenReady) {
      const server = http.createServer((request, response) => {
        const url = new URL(request.url, 'http://localhost');
        const handler = routes.get(url.pathname);
        if (!handler) {
          response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' });
          response.end('no such page\n');
          return;
        }
        const body = handler(url.searchParams);
        const text = typeof body === 'string' ? body : JSON.stringify(body);
        const type = typeof body === 'string' ? 'text/plain' : 'application/json';
        response.writeHead(200, { 'content-type': `${type}; charset=utf-8` });
        response.end(text + '\n');
      });
      // Process 1 gets no default signal handlers: without this, docker stop waits out its ten seconds.
      process.on('SIGTERM', () => server.close(() => process.exit(0)));
      return server.listen(port, '0.0.0.0', whenReady);
    },
  };
};
