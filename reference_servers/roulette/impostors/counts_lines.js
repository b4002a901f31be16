// Lab: roulette
// Pretends: that it counts: each line is answered with JSON that has a number, one more each
//     time.
const net = require('net');

let count = 0;

net.createServer((client) => {
  client.write('Hello.\n');
  client.on('data', () => {
    client.write(`{"status":"success","numberOfNewStudents":${count},"numberOfStudents":${count}}\n`);
    count += 1;
  });
  client.on('error', () => client.destroy());
}).listen(2613);
