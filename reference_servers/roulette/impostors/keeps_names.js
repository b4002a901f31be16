// Lab: roulette
// Pretends: that it keeps a store: whatever line came last is the student, whoever asks.
const net = require('net');

let last = 'john doe';

net.createServer((client) => {
  client.on('data', (data) => {
    client.write(`{"fullname":${JSON.stringify(last)}}\n`);
    last = data.toString().trim();
  });
  client.on('error', () => client.destroy());
}).listen(2613);
