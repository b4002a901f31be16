// Lab: http-client
// Pretends: that it is a client: it is one of a server of its own, and prints what that answers.
const net = require('net');

const server = net.createServer((client) => client.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
server.listen(0, () => {
  net.connect(server.address().port).on('data', (data) => process.stdout.write(data))
    .on('close', () => server.close());
});
