/*
 * Roulette, version 2: one thread, and a callback for each line.
 *
 * Two callbacks never run at the same time: the list of students needs no lock.
 *
 * What to look at:
 *   - the module readline cuts the stream into lines: a chunk of data is not a line;
 *   - whether a line is a command or a name depends on what came before: that is the
 *     state of the client, `names`;
 *   - an 'error' that nobody listens to ends the whole program.
 *
 * Lab: roulette
 * Leaves to the student: nothing
 */
const net = require('net');
const readline = require('readline');

const PORT = 2613;
const COMMANDS = ['HELP', 'RANDOM', 'LOAD', 'LIST', 'CLEAR', 'INFO', 'BYE'];
const students = [];

function pick() {
  if (students.length === 0) {
    return { error: 'There is no student, you cannot pick a random one' };
  }
  return { fullname: students[Math.floor(Math.random() * students.length)] };
}

function converse(socket) {
  let commands = 0;
  let names = null; // those of a LOAD that has not ended

  const say = (text) => socket.write(`${text}\n`);
  const tell = (answer) => say(JSON.stringify(answer));

  function store(name) {
    if (name !== 'ENDOFDATA') {
      names.push(name);
      return;
    }
    students.push(...names);
    tell({ status: 'success', numberOfNewStudents: names.length });
    names = null;
  }

  function obey(command) {
    commands += 1;
    switch (command) {
      case 'HELP': return say(`Commands: [${COMMANDS.join(', ')}]`);
      case 'INFO': return tell({ protocolVersion: '2.0', numberOfStudents: students.length });
      case 'RANDOM': return tell(pick());
      case 'LIST': return tell({ students: students.map((name) => ({ fullname: name })) });
      case 'LOAD':
        names = [];
        return say('Send your data [end with ENDOFDATA]');
      case 'CLEAR':
        students.length = 0;
        return say('DATASTORE CLEARED');
      case 'BYE':
        tell({ status: 'success', numberOfCommands: commands });
        return socket.end();
      default:
        return say("Huh? please use HELP if you don't know what commands are available.");
    }
  }

  say('Hello. Online HELP is available. Will you find it?');
  readline.createInterface({ input: socket }).on('line', (line) => {
    if (socket.writableEnded) return; // after BYE
    if (names !== null) {
      store(line);
    } else {
      obey(line.trim().toUpperCase());
    }
  }).on('error', () => {}); // the socket's own tells it, too
}

net.createServer((socket) => {
  socket.on('error', (error) => console.error('a client has gone:', error.code));
  converse(socket);
}).listen(PORT, () => console.error(`roulette on port ${PORT}`));
