// Lab: echo-node
// Pretends: that the conversation is over: it hangs up at whatever comes first.
const net = require('net');

net.createServer((client) => {
  client.once('data', () => client.destroy());
  client.on('error', () => client.destroy());
}).listen(9907);
