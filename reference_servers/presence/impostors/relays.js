// Lab: presence
// Pretends: that it is a room: whatever somebody sends goes to everybody, as it is.
const net = require('net');

const room = new Set();

net.createServer((client) => {
  room.add(client);
  client.on('data', (data) => room.forEach((one) => one.write(data)));
  client.on('close', () => room.delete(client));
  client.on('error', () => client.destroy());
}).listen(9907);
