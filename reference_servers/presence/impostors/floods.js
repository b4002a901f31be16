// Lab: presence
// Pretends: that it has much to tell: each client gets notices of the example without end.
const net = require('net');

net.createServer((client) => {
  const notices = 'Ann is in the room.\nAnn says: hi there\nAnn has left the room.\n';
  const flood = () => { while (client.writable && client.write(notices)); };
  client.on('drain', flood).on('error', () => client.destroy()).resume();
  flood();
}).listen(9907);
