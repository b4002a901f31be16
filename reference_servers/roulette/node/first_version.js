/*
 * Roulette, version 1: a loop for each client, which waits for its next line.
 *
 * An await lets the other clients have their turn; nothing else does.
 *
 * What to look at:
 *   - where the loop waits is the state of the client: within load(), a line is a name;
 *   - the loop ends in two ways: with BYE, and when the client has gone;
 *   - a reset shows as an exception of that loop.
 *
 * Lab: roulette-1
 * Leaves to the student: nothing
 */
const net = require('net');

const PORT = 1313;
const students = [];

// The lines of a client, as they become complete.
async function* linesOf(socket) {
  let rest = '';
  socket.setEncoding('utf8');
  for await (const data of socket) {
    const lines = (rest + data).split('\n');
    rest = lines.pop();
    yield* lines.map((line) => line.replace(/\r$/, ''));
  }
}

async function load(lines) {
  for (;;) {
    const { value: name, done } = await lines.next();
    if (done) return '';
    if (name === 'ENDOFDATA') return 'DATA LOADED';
    students.push(name);
  }
}

function answer(command) {
  switch (command) {
    case 'HELP':
      return 'Commands: [HELP, RANDOM, LOAD, INFO, BYE]';
    case 'INFO':
      return JSON.stringify({ protocolVersion: '1.0', numberOfStudents: students.length });
    case 'RANDOM':
      return JSON.stringify(students.length === 0
        ? { error: 'There is no student, you cannot pick a random one' }
        : { fullname: students[Math.floor(Math.random() * students.length)] });
    default:
      return "Huh? please use HELP if you don't know what commands are available.";
  }
}

async function converse(socket) {
  const say = (text) => socket.write(`${text}\n`);
  const lines = linesOf(socket);
  say('Hello. Online HELP is available. Will you find it?');
  for (;;) {
    const { value: line, done } = await lines.next();
    if (done) return;
    const command = line.trim().toUpperCase();
    if (command === 'BYE') return;
    if (command === 'LOAD') {
      say('Send your data [end with ENDOFDATA]');
      say(await load(lines));
    } else {
      say(answer(command));
    }
  }
}

net.createServer((socket) => {
  converse(socket)
    .catch((error) => console.error('a client has gone:', error.code))
    .finally(() => socket.end());
}).listen(PORT, () => console.error(`roulette on port ${PORT}`));
