/*
 * A web server on sockets: one thread, and an event for whatever comes.
 *
 * Lab: http-server
 * Leaves to the student: nothing
 * Parameters: concurrency=event-loop
 *
 * `parser` finds requests in what comes, `files` finds and opens files, `answer` writes what goes
 * back. Requests of one client are answered one after the other.
 */
"use strict";
const net = require("net");
const { Parser } = require("./parser");
const { Answer, refused } = require("./answer");
const { answerWithFile } = require("./files");

const PORT = 8080;
const IDLE = 30_000; // milliseconds after which a client that says nothing is let go
const LINGER = 1_000; // milliseconds that a client may still send when it has been refused
const NOT_ALLOWED = ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"];

async function answerTo(request) {
  if (request.method === "POST") {
    if (request.path.toString("latin1") !== "/echo") return refused(405, { Allow: "GET, HEAD" });
    const type = request.headers.get("content-type") || "application/octet-stream";
    return new Answer(200, request.body, { "Content-Type": type });
  }
  if (request.method === "GET" || request.method === "HEAD") return answerWithFile(request);
  if (NOT_ALLOWED.includes(request.method)) return refused(405, { Allow: "GET, HEAD" });
  return refused(501);
}

class Connection {
  constructor(socket) {
    this.socket = socket;
    this.waiting = []; // requests, or refusals, that have not been answered
    this.answering = false;
    this.ended = false; // whether the client has closed its side
    this.waitsToSend = false; // whether the client waits for us to ask for its body
    this.parser = new Parser(
      (request) => this.take(request),
      () => this.goOn(),
    );
    socket.setTimeout(IDLE, () => socket.destroy());
    socket.on("error", () => socket.destroy()); // the client has gone
    socket.on("data", (data) => this.parser.feed(data));
    socket.on("end", () => {
      this.ended = true;
      if (!this.answering) socket.end();
    });
  }

  /* Asks for a body, when its turn comes: not within the answer to an earlier request. */
  goOn() {
    this.waitsToSend = this.answering;
    if (!this.answering) this.socket.write("HTTP/1.1 100 Continue\r\n\r\n");
  }

  take(request) {
    this.waitsToSend = false; // its body has come all the same
    this.waiting.push(request);
    // Whoever sends more than we answer has to wait.
    if (this.waiting.length > 16) this.socket.pause();
    if (!this.answering) this.answerAll().catch(() => this.socket.destroy()); // a file is lost
  }

  async answerAll() {
    this.answering = true;
    while (this.waiting.length > 0 && !this.socket.destroyed) {
      const request = this.waiting.shift();
      this.socket.resume();
      const answer = request.refusal || (await answerTo(request));
      answer.closes = answer.closes || (!request.refusal && !request.keepAlive);
      await answer.send(this.socket, request);
      if (answer.closes) return this.part();
    }
    this.answering = false;
    if (this.waitsToSend) this.goOn();
    if (this.ended) this.socket.end();
  }

  /* Closes our side when the client has all of the answer, and reads on for a moment: a close over
   * unread data would be a reset. */
  part() {
    this.parser.stop();
    this.socket.resume();
    this.socket.end(() => setTimeout(() => this.socket.destroy(), LINGER).unref());
  }
}

net.createServer({ allowHalfOpen: true }, (socket) => new Connection(socket)).listen({ port: PORT, backlog: 512 });
