// Lab: roulette
// Pretends: that it talks: it sends back what it gets, as the echo server of the week
//     before.
const net = require('net');

net.createServer((client) => {
  client.pipe(client);
  client.on('error', () => client.destroy());
}).listen(2613);
