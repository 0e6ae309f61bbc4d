'use strict';
// The parcel desk of a courier company.
//   GET /parcel?to=Guwahati&grams=1200   what a parcel costs
//   GET /health                          200 while the desk is well, 503 when it is not
// SIGTERM: takes no more parcels, finishes, writes the day's sum, ends with 0. SIGUSR2: the scales are broken from now on.
const http = require('node:http');
const rupees = require('rupees');
const zones = require('./zones');

let well = true;
let parcels = 0;

const server = http.createServer((request, response) => {
  const url = new URL(request.url, 'http://desk');
  const answer = (status, text) => response.writeHead(status, { 'content-type': 'text/plain' }).end(text + '\n');
  if (url.pathname === '/health') return answer(well ? 200 : 503, well ? 'well' : 'the scales are broken');
  if (url.pathname !== '/parcel') return answer(404, 'ask /parcel?to=Guwahati&grams=1200');
  const zone = zones[url.searchParams.get('to')];
  if (!zone) return answer(404, 'we do not go there');
  parcels += 1;
  const grams = Number(url.searchParams.get('grams') ?? 500);
  answer(200, `${grams} g to ${url.searchParams.get('to')}: ${rupees(zone * Math.ceil(grams / 500))}`);
});

process.on('SIGUSR2', () => {
  well = false;
});
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    server.close(() => {
      console.log(`desk closed, ${parcels} parcels today`);
      process.exit(0);
    });
    server.closeIdleConnections();
  });
}

server.listen(8080, () => console.log('parcel desk open on port 8080'));
