// Lab: roulette
// Pretends: that it has much to tell: each client gets answers of the example without end.
const net = require('net');

net.createServer((client) => {
  const answers = '{"fullname":"john doe"}\n{"protocolVersion":"2.0","numberOfStudents":2}\n';
  const flood = () => { while (client.writable && client.write(answers)); };
  client.on('drain', flood).on('error', () => client.destroy()).resume();
  flood();
}).listen(2613);
