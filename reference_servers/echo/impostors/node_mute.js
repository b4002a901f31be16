// Lab: echo-node
// Pretends: that it listens: it reads whatever comes, and never says a word.
const net = require('net');

net.createServer((client) => {
  client.resume();
  client.on('error', () => client.destroy());
}).listen(9907);
