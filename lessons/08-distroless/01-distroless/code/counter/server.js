'use strict';
const http = require('node:http');

let served = 0;
const server = http.createServer((_, response) => response.end(`cup number ${++served}\n`));
server.listen(3000, () => console.log('counter on port 3000'));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
