// A musician: plays its instrument once a second, for everybody to hear.

const { randomUUID } = require("crypto");
const dgram = require("dgram");
const { GROUP, PORT, SOUNDS } = require("./protocol");

const PERIOD = 1000; // milliseconds

const instrument = process.argv[2];
const sound = Object.hasOwn(SOUNDS, instrument) ? SOUNDS[instrument] : undefined;
if (sound === undefined) {
  console.error(`usage: node musician.js ${Object.keys(SOUNDS).join("|")}`);
  process.exit(1);
}

const uuid = randomUUID();
const stage = dgram.createSocket("udp4");

function play() {
  stage.send(JSON.stringify({ uuid, sound }), PORT, GROUP);
}

stage.bind(0, play);
setInterval(play, PERIOD);
