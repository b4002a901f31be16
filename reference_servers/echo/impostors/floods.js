// Lab: echo
// Pretends: that it has much to say: each client gets `> HELLO` without end, whatever it
//     says.
const net = require('net');

net.createServer((client) => {
  const flood = () => { while (client.writable && client.write('> HELLO\n')); };
  client.on('drain', flood).on('error', () => client.destroy()).resume();
  flood();
}).listen(2323);
