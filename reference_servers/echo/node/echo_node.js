/*
 * Echo, in the dialect of the course's asynchronous server: no greeting, no prefix, and BYE
 * is answered with nothing but the close.
 *
 * The design is that of echo.js: one thread, an event loop, and a closure for each client.
 * What it adds to the course's example is what keeps a server alive among real clients: it
 * survives a reset, and lines that follow BYE.
 *
 * Lab: echo-node
 * Leaves to the student: nothing
 * Parameters: concurrency=event-loop
 */

const net = require('net');

const PORT = 9907;
const LINGER = 500; // ms granted to a client to close its side after we closed ours

const server = net.createServer({ allowHalfOpen: true }, (socket) => {
  let pending = ''; // the beginning of a line whose end has not come yet
  let leaving = false; // has said BYE, or has closed its side

  socket.setEncoding('utf8');

  function answer(line) {
    const text = line.replace(/\r$/, '').toUpperCase();
    if (text === 'BYE') {
      hangUp();
    } else if (!socket.write(text + '\n')) { // it does not read: no more reading from it either
      socket.pause();
    }
  }

  function hangUp() {
    leaving = true;
    socket.end(() => setTimeout(() => socket.destroy(), LINGER));
  }

  socket.on('data', (data) => {
    const lines = (pending + data).split('\n');
    pending = lines.pop();
    for (const line of lines) {
      if (leaving) return; // to write after end() would be an error
      answer(line);
    }
  });

  socket.on('drain', () => socket.resume());

  socket.on('end', () => {
    if (leaving) return;
    if (pending !== '') answer(pending); // a last line without its newline
    hangUp();
  });

  socket.on('error', (error) => console.error(`lost a client: ${error.message}`));
});

server.listen({ port: PORT, backlog: 512 }, () => console.error(`listening on port ${PORT}`));
