// A musician that broadcasts its sound.

const dgram = require("dgram");

const SOUNDS = new Map([
  ["piano", "ti-ta-ti"],
  ["trumpet", "pouet"],
  ["flute", "trulu"],
  ["violin", "gzi-gzi"],
  ["drum", "boum-boum"],
]);

const sound = SOUNDS.get(process.argv[2]);
if (!sound) {
  console.log(`There is no instrument ${process.argv[2]}.`);
  process.exit(2);
}

const socket = dgram.createSocket("udp4");
socket.bind(0, "0.0.0.0", () => {
  socket.setBroadcast(true);
  const note = JSON.stringify({ noise: sound });
  setInterval(() => socket.send(note, 4411, "255.255.255.255"), 1000);
});
