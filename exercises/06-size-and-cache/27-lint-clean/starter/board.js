'use strict';
const http = require('node:http');
const trains = require('./trains.json');

const port = Number(process.env.PORT ?? 3000);

http
  .createServer((request, response) => {
    const train = trains[request.url.slice(1)];
    response.statusCode = train ? 200 : 404;
    response.end(train ? `${request.url.slice(1)} ${train.name}: platform ${train.platform}` : 'no such train');
  })
  .listen(port, () => console.log(`board on port ${port}`));

process.on('SIGTERM', () => process.exit(0));
