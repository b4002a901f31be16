// Node's http, which leaves files, paths and methods to its user: here it sends those below www, and
// echoes.
"use strict";
const fs = require("fs");
const http = require("http");
const path = require("path");
const { pipeline } = require("stream");

const ROOT = path.resolve("www");
const TYPES = {
  ".html": "text/html",
  ".txt": "text/plain",
  ".css": "text/css",
  ".js": "text/javascript",
  ".json": "application/json",
  ".png": "image/png",
};

function find(target) {
  try {
    const name = decodeURIComponent(new URL(target, "http://localhost").pathname);
    const file = path.join(ROOT, name);
    if (name.includes("\0") || !file.startsWith(ROOT + path.sep)) return null;
    return name.endsWith("/") ? path.join(file, "index.html") : file;
  } catch (error) {
    return null; // no URL
  }
}

function answer(request, response) {
  if (request.method === "POST" && request.url === "/echo") {
    pipeline(request, response, () => {});
    return;
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { Allow: "GET, HEAD" }).end();
    return;
  }
  const file = find(request.url);
  fs.stat(file || "/", (error, about) => {
    if (!file || error || !about.isFile()) {
      response.writeHead(404).end("404\n");
      return;
    }
    const type = TYPES[path.extname(file).toLowerCase()] || "application/octet-stream";
    response.writeHead(200, { "Content-Type": type, "Content-Length": about.size });
    if (request.method === "HEAD") response.end();
    else pipeline(fs.createReadStream(file), response, () => {});
  });
}

http.createServer(answer).listen(8080);
