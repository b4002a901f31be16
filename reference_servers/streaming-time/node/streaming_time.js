/*
 * Streaming time over TCP: one thread for all the clients, and a timer for each.
 *
 * Nothing here waits: a line is written, the next one is put on the calendar of
 * the event loop, and the function returns. Between two lines the other clients
 * have their turn.
 *
 * What to look at:
 *   - start and sent are declared inside the callback: each client has its own;
 *   - setTimeout(..., 1000) again and again would be late by a little more every
 *     time; here the delay is computed from the moment at which the line is due;
 *   - an 'error' that nobody listens to ends the whole program;
 *   - resume(): what the client says must be read, if only to be thrown away.
 *
 * Lab: streaming-time
 * Leaves to the student: nothing
 * Parameters: concurrency=together
 */
const net = require('net');

const PORT = 2205;
const LINES = 15;
const PERIOD = 1000; // milliseconds

// The time that it is now, in the time zone of this host.
const timeLine = () => `{'time' : '${new Date()}'}\n`;

// allowHalfOpen: a client that has nothing to say may close its half at once, and still listen.
const server = net.createServer({ allowHalfOpen: true }, (socket) => {
  const start = performance.now(); // a clock that nobody sets
  let sent = 0;
  let timer;

  const next = () => {
    socket.write(timeLine());
    sent += 1;
    if (sent < LINES) {
      timer = setTimeout(next, start + sent * PERIOD - performance.now());
    } else {
      socket.end();
    }
  };

  socket.on('error', (problem) => console.error('lost a client:', problem.message));
  socket.on('close', () => clearTimeout(timer)); // it left: no more lines
  socket.resume();
  next();
});

server.listen(PORT, () => console.error(`streaming the time on port ${PORT}`));
