const net = require('net');
const readline = require('readline');

const clients = [];
let counter = 0;

function leave(client) {
  client.socket.end();
  clients.splice(clients.indexOf(client), 1);
}

const server = net.createServer((socket) => {
  const client = { id: ++counter, socket, goodbye: null };
  clients.push(client);
  socket.write(`Welcome, you are client ${client.id}\n`);

  const lines = readline.createInterface({ input: socket, crlfDelay: Infinity });
  lines.on('line', (line) => {
    if (client.goodbye) return;
    socket.write(`> ${line.toUpperCase()}\n`);
    if (line.toUpperCase() === 'BYE') {
      client.goodbye = new Date();
      leave(client);
    }
  });

  socket.on('close', () => {
    console.log(`client ${client.id} left at ${client.goodbye.toISOString()}`);
  });
});

server.listen(2323, () => console.log('echo server ready'));
