const http = require("node:http");

http.createServer((request, answer) => answer.end("masala chai Rs 15\n")).listen(3000);
