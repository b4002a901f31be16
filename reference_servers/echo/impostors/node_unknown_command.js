// Lab: echo-node
// Pretends: that it is particular: each line is an unknown command.
const net = require('net');

net.createServer((client) => {
  client.on('data', () => client.write(JSON.stringify({ error: 'unknown command' }) + '\n'));
  client.on('error', () => client.destroy());
}).listen(9907);
