/*
 * Presence over UDP: one socket, and callbacks for datagrams and timers.
 *
 * Timers run whether or not anything arrives; two callbacks never run at the same
 * time, so that nothing needs a lock.
 *
 * What to look at:
 *   - people are told apart by the address and port that their datagrams come from,
 *     never by their names;
 *   - the delay of each beacon is computed from the moment at which it is due;
 *   - a Map may be changed while one walks through it (an array may not);
 *   - send() without a callback turns each problem into an 'error', which, if nobody
 *     listens, ends the program.
 *
 * Lab: presence-udp
 * Leaves to the student: nothing
 */
const dgram = require('dgram');

const PORT = 9907;
const EXPIRY = 5000; // milliseconds
const GROUP = { address: '239.255.22.5', port: 9908 };
const BEACON_PERIOD = 1000;
const CHECK_PERIOD = 200;
const LONGEST = 1400; // bytes in a datagram
const PRESENCE = `PRESENCE ${PORT}`;
const WHO_ARE_YOU = 'Who are you? Say HELLO name first';
const USAGE = 'What? I only understand HELLO, SAY, WHO, ALIVE and BYE';
const SIGNS_OF_LIFE = ['HELLO', 'SAY', 'WHO', 'ALIVE'];

const people = new Map(); // 'address:port' -> { name, from, arrived, heard }
const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });

function send(to, text) {
  socket.send(text, to.port, to.address, (problem) => {
    if (problem) console.error('could not send:', problem.message);
  });
}

function tell(text) {
  for (const person of people.values()) {
    send(person.from, text);
  }
}

// Heading and names, in as many datagrams as it takes, each with whole lines.
function who(from) {
  const heading = 'Currently in the room:';
  let answer = heading;
  for (const person of people.values()) {
    const line = `\n - ${person.name}`;
    if (Buffer.byteLength(answer + line) > LONGEST) {
      send(from, answer);
      answer = heading;
    }
    answer += line;
  }
  send(from, answer);
}

function leave(key) {
  tell(`${people.get(key).name} has left the room.`);
  people.delete(key);
}

function handle(text, from) {
  const [word, ...others] = text.split(' ');
  const command = word.toUpperCase();
  const rest = others.join(' ');
  const name = rest.trim();
  const key = `${from.address}:${from.port}`;
  const person = people.get(key);
  const now = performance.now();
  if (person && SIGNS_OF_LIFE.includes(command)) {
    person.heard = now;
  }

  if (command === 'DISCOVER') {
    send(from, PRESENCE);
  } else if (command === 'HELLO' && person) { // the first answer may have been lost
    send(from, `${person.name} is in the room.`);
  } else if (command === 'HELLO' && name) {
    people.set(key, { name, from, arrived: now, heard: now });
    tell(`${name} is in the room.`);
  } else if (!person) {
    send(from, WHO_ARE_YOU);
  } else if (command === 'SAY') {
    tell(`${person.name} says: ${rest}`);
  } else if (command === 'WHO') {
    who(from);
  } else if (command === 'BYE') {
    leave(key); // who is told, too
  } else if (command !== 'ALIVE') { // which has no answer
    send(from, USAGE);
  }
}

function forgetTheSilent() {
  for (const [key, person] of people) {
    if (performance.now() - person.heard > EXPIRY) {
      leave(key);
    }
  }
}

function announce(due) {
  send(GROUP, PRESENCE);
  const next = due + BEACON_PERIOD;
  setTimeout(announce, next - performance.now(), next);
}

socket.on('message', (datagram, from) => {
  handle(datagram.toString('utf8').replace(/\r?\n$/, ''), from);
});

socket.bind(PORT, () => { // any address: broadcasts arrive too
  console.error(`presence on UDP port ${PORT}`);
  announce(performance.now());
  setInterval(forgetTheSilent, CHECK_PERIOD);
});
