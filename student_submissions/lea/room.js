// Presence server: a room of people, over TCP
const net = require('net');
const readline = require('readline');

const PORT = 9907;
const HELP = 'I only understand HELLO, SAY, WHO, BYE and KILL';
const people = new Set();

function tell(person, text) {
  if (person.socket.writable) person.socket.write(text + '\n');
}

function tellEverybody(text) {
  for (const person of people) tell(person, text);
}

function leave(person) {
  // said BYE, then closed: tell it once
  if (people.delete(person)) tellEverybody(`${person.name} has left the room.`);
}

const commands = {
  HELLO(person, rest) {
    person.name = rest.trim() || person.name;
    tellEverybody(`${person.name} is in the room.`);
  },
  SAY(person, rest) {
    tellEverybody(`${person.name} says: ${rest}`);
  },
  WHO(person) {
    const names = [...people].map((p) => ` - ${p.name}`);
    tell(person, ['Currently connected users:', ...names].join('\n'));
  },
  BYE(person) {
    tell(person, `Goodbye, ${person.name}.`);
    leave(person);
    person.socket.end();
  },
  KILL() {
    console.log('KILL received, going down');
    for (const person of people) person.socket.destroy();
    process.exit(0);
  },
};

const server = net.createServer((socket) => {
  const person = { socket, name: 'An anonymous user' };
  tellEverybody('Someone has arrived...');
  people.add(person);
  tell(person, 'Welcome to the presence server!');
  tell(person, HELP);

  const lines = readline.createInterface({ input: socket, crlfDelay: Infinity });
  lines.on('line', (line) => {
    if (!people.has(person) || line === '') return;
    const [, word, rest] = line.match(/^(\S*) ?(.*)$/);
    const command = commands[word.toUpperCase()];
    if (command) command(person, rest);
    else tell(person, `What? ${HELP}.`);
  });
  lines.on('error', (error) => console.log(`${person.name}: ${error.message}`));
  socket.on('error', () => leave(person));
  socket.on('close', () => leave(person));
});

server.listen(PORT, () => console.log(`The room is open on port ${PORT}`));
