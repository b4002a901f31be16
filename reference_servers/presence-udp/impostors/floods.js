// Lab: presence-udp
// Pretends: that it has much to tell: each datagram is answered with five hundred notices
//     of the example.
const dgram = require('dgram');

const socket = dgram.createSocket('udp4');
socket.on('message', (data, from) => {
  for (let n = 0; n < 500; n++) {
    socket.send('Ann is in the room.', from.port, from.address);
  }
});
socket.bind(9907);
