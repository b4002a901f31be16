// Lab: http-server
// Pretends: to send a file that has no end.
const net = require("net");

net
  .createServer((socket) => {
    socket.on("error", () => {});
    socket.write("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n");
    const more = () => {
      while (socket.writable && socket.write("x".repeat(65536)));
    };
    socket.on("drain", more);
    more();
  })
  .listen(8080);
