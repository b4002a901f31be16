/* Writes answers. */
"use strict";

const PHRASES = {
  200: "OK",
  206: "Partial Content",
  301: "Moved Permanently",
  304: "Not Modified",
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  413: "Content Too Large",
  414: "URI Too Long",
  416: "Range Not Satisfiable",
  431: "Request Header Fields Too Large",
  501: "Not Implemented",
  505: "HTTP Version Not Supported",
};

class Answer {
  /* `body` is the octets, or a stream of `length` octets. */
  constructor(status, body, headers = {}, length = body.length) {
    Object.assign(this, { status, body, headers, length, closes: false });
  }

  async send(socket, request) {
    const headers = { Date: new Date().toUTCString(), ...this.headers };
    if (this.status !== 304) headers["Content-Length"] = this.length;
    if (this.closes) headers.Connection = "close";
    else if (request.minor === 0) headers.Connection = "keep-alive";
    const lines = [`HTTP/1.1 ${this.status} ${PHRASES[this.status]}`];
    for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
    const head = Buffer.from([...lines, "", ""].join("\r\n"), "latin1");
    const withoutBody = this.status === 304 || request.method === "HEAD";
    if (Buffer.isBuffer(this.body)) {
      const octets = withoutBody ? head : Buffer.concat([head, this.body]);
      if (!socket.write(octets)) await drained(socket); // or a client that reads nothing fills us
      return;
    }
    socket.write(head);
    if (!withoutBody) await pour(this.body, this.length, socket);
    this.body.destroy();
  }
}

/* Writes a stream piece by piece: the next one when the socket has taken the last. A file that has
 * become shorter than we have said ends the connection: what came next would be taken for it. */
async function pour(stream, length, socket) {
  let left = length;
  for await (const piece of stream) {
    if (socket.destroyed) return;
    if (!socket.write(piece)) await drained(socket);
    left -= piece.length;
  }
  if (left > 0) socket.destroy();
}

/* Until the socket takes more, or has gone. */
function drained(socket) {
  if (socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      socket.off("drain", done);
      socket.off("close", done);
      resolve();
    };
    socket.on("drain", done);
    socket.on("close", done);
  });
}

/* An answer that refuses: it holds nothing of what the client has said. */
function refused(status, headers = {}) {
  return new Answer(status, Buffer.from(`${status}\n`), { "Content-Type": "text/plain", ...headers });
}

module.exports = { Answer, refused };
