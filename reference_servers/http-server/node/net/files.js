/* Finds the files below the root, and answers with them. */
"use strict";
const fs = require("fs");
const path = require("path");
const { Answer, refused } = require("./answer");

const ROOT = fs.realpathSync("www");
// To open a pipe waits for who writes into it, unless it is opened so.
const READING = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK;
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
  ".css": "text/css",
  ".js": "text/javascript",
  ".json": "application/json",
  ".png": "image/png",
};

async function answerWithFile(request) {
  let handle;
  try {
    const found = await find(request);
    if (found instanceof Answer) return found;
    handle = await fs.promises.open(found, READING);
    const about = await handle.stat();
    if (!about.isFile()) throw new Error("no file");
    return await answerWith(request, handle, about, found);
  } catch (error) {
    if (handle) await handle.close();
    return refused(404);
  }
}

/* The path of the file, which lies below the root; or an answer. Throws where there is none. */
async function find(request) {
  if (request.path.includes(0) || !request.encodedPath.startsWith("/")) return refused(400);
  const asked = request.path.toString("utf8");
  const found = await fs.promises.realpath(path.join(ROOT, asked));
  if (found !== ROOT && !found.startsWith(ROOT + path.sep)) return refused(404);
  const isFolder = (await fs.promises.stat(found)).isDirectory();
  if (!isFolder) return asked.endsWith("/") ? refused(404) : found;
  if (!asked.endsWith("/")) return refused(301, { Location: addressOf(found) });
  const index = await fs.promises.realpath(path.join(found, "index.html"));
  return index.startsWith(ROOT + path.sep) ? index : refused(404);
}

/* Made of the folder's name, encoded: nothing in it ends the header, and what the client has
 * written (`//elsewhere/../folder`) leads to no other host. */
function addressOf(folder) {
  const names = path.relative(ROOT, folder).split(path.sep).filter((name) => name);
  return ["", ...names.map(encodeURIComponent), ""].join("/");
}

async function answerWith(request, handle, about, found) {
  const changed = Math.floor(about.mtimeMs / 1000);
  const headers = {
    ETag: `"${Math.floor(about.mtimeMs * 1000).toString(16)}-${about.size.toString(16)}"`,
    "Last-Modified": new Date(changed * 1000).toUTCString(),
    "Accept-Ranges": "bytes",
  };
  if (isKnown(request, headers.ETag, changed)) {
    await handle.close();
    return new Answer(304, Buffer.alloc(0), headers);
  }
  headers["Content-Type"] = TYPES[path.extname(found).toLowerCase()] || "application/octet-stream";
  const part = wantsPart(request, headers.ETag) ? rangeOf(request, about.size) : null;
  if (part && part.first > part.last) {
    await handle.close();
    return refused(416, { "Content-Range": `bytes */${about.size}` });
  }
  const { first, last } = part || { first: 0, last: about.size - 1 };
  if (part) headers["Content-Range"] = `bytes ${first}-${last}/${about.size}`;
  if (last < first) {
    await handle.close(); // an empty file
    return new Answer(200, Buffer.alloc(0), headers);
  }
  const stream = handle.createReadStream({ start: first, end: last });
  return new Answer(part ? 206 : 200, stream, headers, last - first + 1);
}

/* Whether the client has this version of the file (RFC 9110, section 13.2.2). */
function isKnown(request, etag, changed) {
  const known = request.headers.get("if-none-match");
  if (known !== undefined) {
    const tags = known.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
    return tags.includes("*") || tags.includes(etag);
  }
  const text = request.headers.get("if-modified-since");
  const since = new Date(text || "");
  if (Number.isNaN(since.getTime())) return false;
  return since.toUTCString() === text && changed * 1000 <= since.getTime();
}

/* A part of another version than the client has the rest of would be no use to it. */
function wantsPart(request, etag) {
  const version = request.headers.get("if-range");
  return request.method === "GET" && (version === undefined || version === etag);
}

/* The range that is asked for; null for all of it. */
function rangeOf(request, size) {
  const asked = /^bytes=([0-9]*)-([0-9]*)$/.exec(request.headers.get("range") || "");
  if (!asked || (!asked[1] && !asked[2])) return null;
  if (!asked[1]) return { first: Math.max(0, size - Number(asked[2])), last: size - 1 };
  const first = Number(asked[1]);
  if (asked[2] && Number(asked[2]) < first) return null;
  return { first, last: Math.min(asked[2] ? Number(asked[2]) : size, size - 1) };
}

module.exports = { answerWithFile };
