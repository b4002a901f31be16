/*
 * A client that does not speak HTTP: it sends what it likes, and prints what comes.
 *
 * What to look at:
 *   - each "data" event brings a piece of the answer, of any length. With setEncoding()
 *     a character that comes in two pieces is put together first;
 *   - the answer is over at "end": the server has closed the connection. Node then closes
 *     our side too, and with no socket left the program ends;
 *   - what goes wrong comes as "error". Without a listener it would be thrown.
 *
 * Lab: http-client
 * Leaves to the student: nothing
 */
"use strict";

const net = require("net");

const HOST = "www.heig-vd.ch";
const PORT = 80;
const REQUEST = "Hello, sorry, but I don't speak HTTP...\r\n\r\n";

const socket = net.connect(PORT, HOST, () => {
  socket.write(REQUEST);
});

socket.setEncoding("utf8");

socket.on("data", (piece) => {
  process.stdout.write(piece);
});

socket.on("error", (problem) => {
  console.error(`no whole answer from ${HOST}, port ${PORT}: ${problem.message}`);
});
