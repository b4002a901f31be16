// Lab: echo-node
// Pretends: that it echoes: whatever comes, it answers HELLO.
const net = require('net');

net.createServer((client) => {
  client.on('data', () => client.write('HELLO\n'));
  client.on('error', () => client.destroy());
}).listen(9907);
