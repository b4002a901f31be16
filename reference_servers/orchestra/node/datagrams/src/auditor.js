// The auditor: listens to the musicians, and tells whoever connects who is active.
//
// Lab: orchestra
// Leaves to the student: nothing

const dgram = require("dgram");
const net = require("net");
const { GROUP, PORT, SOUNDS } = require("./protocol");

const TCP_PORT = 2205;
const ACTIVE = 5000; // milliseconds after its last datagram for which a musician is listed

const instruments = new Map(Object.entries(SOUNDS).map(([name, sound]) => [sound, name]));
const musicians = new Map();

function hear(message) {
  let said;
  try {
    said = JSON.parse(message);
  } catch {
    return; // no musician's
  }
  const instrument = instruments.get(said?.sound);
  if (instrument === undefined || typeof said.uuid !== "string") {
    return;
  }
  forgetTheSilent();
  const known = musicians.get(said.uuid);
  const since = known ? known.since : new Date();
  musicians.set(said.uuid, { instrument, since, last: Date.now() });
}

function forgetTheSilent() {
  for (const [uuid, musician] of musicians) {
    if (Date.now() - musician.last > ACTIVE) {
      musicians.delete(uuid);
    }
  }
}

function active() {
  forgetTheSilent();
  return [...musicians].map(([uuid, { instrument, since }]) => ({
    uuid,
    instrument,
    activeSince: since.toISOString(),
  }));
}

const ear = dgram.createSocket({ type: "udp4", reuseAddr: true });
ear.bind(PORT, () => ear.addMembership(GROUP));
ear.on("message", hear);

const server = net.createServer((socket) => {
  socket.on("error", () => {}); // a client that has gone
  socket.end(JSON.stringify(active()) + "\r\n");
});
server.listen(TCP_PORT);
