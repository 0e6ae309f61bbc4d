'use strict';
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { bill } = require('./bill');

const menu = fs.readFileSync(path.join(__dirname, '..', 'menu.txt'), 'utf8');
let gas = true;
const server = http.createServer((request, response) => {
  const url = new URL(request.url, 'http://desk');
  if (url.pathname === '/bill') return response.end(bill(Number(url.searchParams.get('thali'))) + '\n');
  if (url.pathname === '/healthz') response.statusCode = gas ? 200 : 503;
  else if (url.pathname !== '/menu') response.statusCode = 404;
  response.end(url.pathname === '/menu' ? menu : '');
});
server.listen(3000, () => console.log('dabba desk on port 3000'));
// The kitchen calls: the gas is over.
process.on('SIGUSR2', () => { gas = false; });
process.on('SIGTERM', () => server.close(() => process.exit(0)));
