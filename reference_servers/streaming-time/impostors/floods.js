// Lab: streaming-time
// Pretends: that it is eager: each client gets a line of the example without end.
const net = require('net');

net.createServer((client) => {
  const line = "{'time' : 'Sun Nov 22 09:20:28 UTC 2026'}\n";
  const flood = () => { while (client.writable && client.write(line)); };
  client.on('drain', flood).on('error', () => client.destroy()).resume();
  flood();
}).listen(2205);
