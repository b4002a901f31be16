// Lab: presence-udp
// Pretends: that it answers: each datagram goes back as it is.
const dgram = require('dgram');

const socket = dgram.createSocket('udp4');
socket.on('message', (data, from) => socket.send(data, from.port, from.address));
socket.bind(9907);
