'use strict';
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { bill } = require('./bill');

const pages = path.join(__dirname, '..', 'public');
const server = http.createServer((request, response) => {
  if (request.url === '/healthz') return response.end('ok\n');
  if (request.url === '/api/bill') return response.end(bill(15, 15, 20) + '\n');
  const file = path.join(pages, path.normalize(request.url));
  fs.readFile(fs.existsSync(file) && fs.statSync(file).isFile() ? file : path.join(pages, 'index.html'), (error, bytes) => {
    response.statusCode = error ? 500 : 200;
    response.end(error ? '' : bytes);
  });
});
server.listen(3000, () => console.log('dhaba on port 3000'));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
