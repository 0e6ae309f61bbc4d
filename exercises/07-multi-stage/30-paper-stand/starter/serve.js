// Hands out the folder dist. Good enough on a desk, and needs a whole Node.
'use strict';
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');

http.createServer((request, response) => {
  const file = path.join('dist', request.url === '/' ? 'index.html' : path.basename(request.url));
  fs.readFile(file, (error, bytes) => { response.statusCode = error ? 404 : 200; response.end(bytes); });
}).listen(8080, () => console.log('stand on port 8080'));
