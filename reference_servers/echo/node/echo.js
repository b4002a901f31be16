/*
 * Echo, with Node: an event loop that is built in.
 *
 * One thread runs all the JavaScript. Node waits for every socket at once and calls the
 * functions that we have left with it: "when data come, do this". Each client's state lives
 * in the closure that is made for it when it connects.
 *
 * Choose it for very many clients that are mostly silent. Its limits: one core; a function
 * that computes for long stops everybody; an "error" event that nobody listens to ends the
 * program.
 *
 * Lab: echo
 * Leaves to the student: nothing
 * Parameters: concurrency=event-loop
 */

const net = require('net');

const PORT = 2323;
const PREFIX = '> ';
const GREETING = 'Welcome to the Event-Driven Server.\n'
  + 'Send me text lines and conclude with the BYE command.\n';
const LINGER = 500; // ms granted to a client to close its side after we closed ours

// allowHalfOpen: a client that has closed its side may still be answered; then we close ours.
const server = net.createServer({ allowHalfOpen: true }, (socket) => {
  const peer = `${socket.remoteAddress}:${socket.remotePort}`;
  let pending = ''; // the beginning of a line whose end has not come yet
  let leaving = false; // has said BYE

  console.error(`${peer} arrives`);
  socket.setEncoding('utf8'); // a decoder that waits for the rest when data end in mid-character
  socket.write(GREETING);

  function answer(lines) {
    const replies = [];
    for (const line of lines) {
      const text = line.replace(/\r$/, '');
      replies.push(PREFIX + text.toUpperCase() + '\n');
      if (text.toUpperCase() === 'BYE') {
        leaving = true;
        break;
      }
    }
    const taken = socket.write(replies.join(''));
    if (leaving) {
      // end() sends what is left, then closes our side only. Had we closed both, lines still
      // unread would have made it a reset. We wait for the client's side, but not for ever.
      socket.end(() => setTimeout(() => socket.destroy(), LINGER));
    } else if (!taken) { // it does not read: do not read from it either, until it does
      socket.pause();
      socket.once('drain', () => socket.resume());
    }
  }

  // Data come in pieces of any size: any number of lines, and often a part of one.
  socket.on('data', (data) => {
    if (leaving) return; // lines after BYE: read, and ignored
    const lines = (pending + data).split('\n');
    pending = lines.pop();
    answer(lines);
  });

  socket.on('end', () => { // the client has closed its side
    if (leaving) return;
    if (pending !== '') answer([pending]); // a last line without its newline
    socket.end();
  });

  socket.on('error', (error) => console.error(`${peer} is lost: ${error.message}`));
});

// No host: every address of this machine.
server.listen({ port: PORT, backlog: 512 }, () => console.error(`listening on port ${PORT}`));
