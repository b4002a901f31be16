// Node's http, which leaves files and paths to its user: here it sends those below www, and echoes.
"use strict";
const fs = require("fs");
const http = require("http");
const path = require("path");

const ROOT = path.resolve("www");
const TYPES = {
  ".html": "text/html", ".txt": "text/plain", ".css": "text/css", ".js": "text/javascript",
  ".json": "application/json", ".png": "image/png",
};

http
  .createServer((request, response) => {
    const url = new URL(request.url, "http://localhost");
    if (request.method === "POST" && url.pathname === "/echo") {
      request.pipe(response);
      return;
    }
    let file = path.join(ROOT, decodeURIComponent(url.pathname));
    if (url.pathname.endsWith("/")) file = path.join(file, "index.html");
    fs.stat(file, (error, about) => {
      if (error || !about.isFile()) {
        response.writeHead(404).end("404\n");
        return;
      }
      const type = TYPES[path.extname(file).toLowerCase()] || "application/octet-stream";
      response.writeHead(200, { "Content-Type": type, "Content-Length": about.size });
      if (request.method === "HEAD") response.end();
      else fs.createReadStream(file).pipe(response);
    });
  })
  .listen(8080);
