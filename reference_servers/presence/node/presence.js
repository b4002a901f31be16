/*
 * Presence over TCP: one thread, and a callback for everything that happens.
 *
 * Two callbacks never run at the same time: the room needs no lock. write() never
 * waits either: what a client does not read is kept in memory, for a while.
 *
 * What to look at:
 *   - a chunk of data is not a line: it may hold several, or a part of one;
 *   - setEncoding('utf8') puts letters together that arrive in two chunks;
 *   - 'close' comes for every connection, whether it ended with BYE or not;
 *   - an 'error' that nobody listens to ends the whole program.
 *
 * Lab: presence
 * Leaves to the student: nothing
 */
const net = require('net');

const PORT = 9907;
const ANONYMOUS = 'An anonymous user';
const WELCOME = 'Welcome! HELLO name, SAY message, WHO, BYE and KILL are what you can say.';
const USAGE = 'What? I only understand HELLO, SAY, WHO, BYE and KILL commands';
const FAR_BEHIND = 32 * 1024 * 1024; // bytes unread by a client, before it is disconnected

const names = new Map(); // of each connection, in the order of arrival

function send(socket, line) {
  if (socket.writableLength > FAR_BEHIND) {
    socket.destroy();
  } else {
    socket.write(line + '\n');
  }
}

function tell(line) {
  for (const socket of names.keys()) {
    send(socket, line);
  }
}

function enter(socket) {
  tell('Someone has arrived...');
  names.set(socket, ANONYMOUS);
  send(socket, WELCOME);
}

// May be called twice for the same socket: after BYE, and when it is closed.
function leave(socket) {
  const name = names.get(socket);
  if (names.delete(socket)) {
    tell(`${name} has left the room.`);
  }
}

function obey(socket, line) {
  const name = names.get(socket);
  const space = line.indexOf(' ');
  const word = space < 0 ? line : line.slice(0, space);
  const rest = space < 0 ? '' : line.slice(space + 1);
  const command = word.toUpperCase();

  if (command === 'HELLO' && rest.trim()) {
    names.set(socket, rest.trim());
    tell(`${rest.trim()} is in the room.`);
  } else if (command === 'SAY') {
    tell(`${name} says: ${rest}`);
  } else if (command === 'WHO') {
    send(socket, ['Currently connected users:', ...names.values()].join('\n - '));
  } else if (command === 'BYE') {
    leave(socket);
    socket.end();
  } else if (command === 'KILL') {
    process.exit(0); // and all connections with it
  } else {
    send(socket, USAGE);
  }
}

const server = net.createServer((socket) => {
  let unfinished = ''; // the beginning of a line whose end has not come yet

  socket.setEncoding('utf8');
  socket.on('data', (chunk) => {
    const lines = (unfinished + chunk).split('\n');
    unfinished = lines.pop();
    for (const line of lines) {
      if (names.has(socket)) { // nothing counts after BYE
        obey(socket, line.replace(/\r$/, ''));
      }
    }
  });
  socket.on('error', (problem) => console.error('lost a client:', problem.message));
  socket.on('close', () => leave(socket));
  enter(socket);
});

server.listen(PORT, () => console.error(`presence on port ${PORT}`));
