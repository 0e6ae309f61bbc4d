const http = require("node:http");

let token = 0;
http.createServer((request, answer) => answer.end(`token ${++token}\n`)).listen(3000);
