/* Finds requests in what a client sends, however it is cut (RFC 9112, sections 2 to 7). */
"use strict";
const { refused } = require("./answer");

const LONGEST_LINE = 16_000; // octets of a request line; RFC 9112 asks for 8,000
const LONGEST_HEAD = 65_536;
const MOST_HEADERS = 100;
const LARGEST = 1_000_000; // octets of a body
const LONGEST_SIZE = 1_000; // octets of a chunk's size with extensions, and of a trailer
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const CONTROLS = /[\0-\x1f\x7f]/;
const SIZE = /^([0-9A-Fa-f]{1,12})[ \t]*(?:;.*)?$/;

class Refusal extends Error {
  constructor(status) {
    super(String(status));
    this.status = status;
  }
}

/* The octets that `%20` and the like stand for. */
function decoded(path) {
  const octets = [];
  for (let at = 0; at < path.length; at++) {
    const digits = /^%([0-9A-Fa-f]{2})/.exec(path.slice(at, at + 3));
    octets.push(digits ? parseInt(digits[1], 16) : path.charCodeAt(at));
    if (digits) at += 2;
  }
  return Buffer.from(octets);
}

class Request {
  constructor(line) {
    const words = line.split(" ");
    if (words.length !== 3 || words.includes("") || CONTROLS.test(line)) throw new Refusal(400);
    const [method, target, version] = words;
    const numbers = /^HTTP\/([0-9])\.([0-9])$/.exec(version);
    if (!numbers || !TOKEN.test(method)) throw new Refusal(400);
    if (numbers[1] !== "1") throw new Refusal(505);
    this.method = method;
    this.minor = Number(numbers[2]);
    this.headers = new Map();
    this.body = Buffer.alloc(0);
    const absolute = /^https?:\/\/[^/?]*(.*)$/i.exec(target);
    this.encodedPath = (absolute ? absolute[1] : target).split("?")[0] || "/";
    this.path = decoded(this.encodedPath);
  }

  get keepAlive() {
    const words = (this.headers.get("connection") || "").toLowerCase().split(",").map((word) => word.trim());
    return !words.includes("close") && (this.minor > 0 || words.includes("keep-alive"));
  }
}

class Parser {
  constructor(found, goOn) {
    this.found = found;
    this.goOn = goOn; // tells a client that waits for it to send its body
    this.buffer = Buffer.alloc(0);
    this.request = null; // the one whose line was read, and whose end has not come
    this.step = this.requestLine;
  }

  stop() {
    this.step = null;
    this.buffer = Buffer.alloc(0);
  }

  feed(data) {
    if (this.step === null) return;
    this.buffer = this.buffer.length ? Buffer.concat([this.buffer, data]) : data;
    try {
      while (this.step !== null && this.step());
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const refusal = refused(error.status);
      refusal.closes = true;
      const { method } = this.request || {}; // HEAD is refused without a body, too
      this.stop();
      this.found({ refusal, method });
    }
  }

  /* The next line without its end; null where it has not come. */
  line(most, tooLong) {
    const end = this.buffer.indexOf("\n");
    if ((end < 0 ? this.buffer.length : end) > most) throw new Refusal(tooLong);
    if (end < 0) return null;
    const line = this.buffer.toString("latin1", 0, end);
    this.buffer = this.buffer.subarray(end + 1);
    return line.endsWith("\r") ? line.slice(0, -1) : line;
  }

  requestLine() {
    const line = this.line(LONGEST_LINE, 414);
    if (line === null) return false;
    if (line === "") return true; // an empty line before a request is passed over
    this.request = new Request(line);
    this.left = LONGEST_HEAD;
    this.fields = 0;
    this.step = this.header;
    return true;
  }

  header() {
    const line = this.line(this.left, 431);
    if (line === null) return false;
    if (line === "") return this.endOfHead();
    this.left -= line.length + 2;
    this.fields += 1;
    if (this.fields > MOST_HEADERS || this.left < 0) throw new Refusal(431);
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon));
    // A space before the colon, or at the beginning (a folded line), is no part of a name.
    if (!TOKEN.test(name) || /[\0\r]/.test(line)) throw new Refusal(400);
    const value = line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, "");
    const key = name.toLowerCase();
    const before = this.request.headers.get(key);
    this.request.headers.set(key, before === undefined ? value : `${before}, ${value}`);
    return true;
  }

  endOfHead() {
    const { headers, minor } = this.request;
    const host = headers.get("host");
    if (minor > 0 && (host === undefined || host.includes(","))) throw new Refusal(400);
    const coding = headers.get("transfer-encoding");
    const length = headers.get("content-length");
    if (coding !== undefined) {
      // Who reads it by its length, and who by its chunks, see different requests; and HTTP/1.0
      // knows no chunks.
      if (length !== undefined || minor === 0) throw new Refusal(400);
      if (coding.toLowerCase() !== "chunked") throw new Refusal(501);
      this.chunks = [];
      this.size = 0;
      this.step = this.chunkSize;
    } else if (length !== undefined) {
      if (!/^[0-9]{1,15}$/.test(length)) throw new Refusal(400);
      if (Number(length) > LARGEST) throw new Refusal(413);
      this.left = Number(length);
      this.step = this.body;
    } else {
      return this.done();
    }
    const expects = (headers.get("expect") || "").toLowerCase() === "100-continue";
    if (expects && minor > 0) this.goOn(); // HTTP/1.0 knows no answer before the answer
    return true;
  }

  body() {
    if (this.buffer.length < this.left) return false;
    this.request.body = Buffer.from(this.buffer.subarray(0, this.left));
    this.buffer = this.buffer.subarray(this.left);
    return this.done();
  }

  chunkSize() {
    const line = this.line(LONGEST_SIZE, 400);
    if (line === null) return false;
    const found = SIZE.exec(line);
    if (!found) throw new Refusal(400);
    this.left = parseInt(found[1], 16);
    this.size += this.left;
    if (this.size > LARGEST) throw new Refusal(413);
    this.trailers = 0;
    this.step = this.left ? this.chunk : this.trailer;
    return true;
  }

  chunk() {
    if (this.buffer.length < this.left + 2) return false;
    if (this.buffer.toString("latin1", this.left, this.left + 2) !== "\r\n") throw new Refusal(400);
    this.chunks.push(Buffer.from(this.buffer.subarray(0, this.left)));
    this.buffer = this.buffer.subarray(this.left + 2);
    this.step = this.chunkSize;
    return true;
  }

  trailer() {
    const line = this.line(LONGEST_SIZE, 431);
    if (line === null) return false;
    if (line !== "") {
      this.trailers += 1;
      if (this.trailers > MOST_HEADERS) throw new Refusal(431);
      return true;
    }
    this.request.body = Buffer.concat(this.chunks);
    return this.done();
  }

  done() {
    const request = this.request;
    this.request = null;
    this.step = this.requestLine;
    this.found(request);
    return true;
  }
}

module.exports = { Parser };
