// Lab: echo-node
// Pretends: nothing: it is a web server, handed in for the wrong exercise.
const http = require('http');

http.createServer((request, response) => response.end('HELLO')).listen(9907);
