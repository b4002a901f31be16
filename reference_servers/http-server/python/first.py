"""The first web server of many courses: HTTP/1.0, GET only, one request a connection.

Lab: http-server-1
Leaves to the student: 2.10 (no redirect yet)
"""

import contextlib
import email.utils
import os
import socket
import threading
from urllib.parse import unquote_to_bytes

PORT = 8080
ROOT = os.path.realpath(b"www")
LONGEST_LINE, LONGEST_HEAD = 16_000, 65_536
TYPES = {
    ".html": "text/html",
    ".txt": "text/plain",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".png": "image/png",
}


def serve(client):
    with client, contextlib.suppress(OSError):
        client.settimeout(30)
        reader = client.makefile("rb")
        status, path = answer_to(reader)
        if path is None:
            send_head(client, status, "text/plain")
            client.sendall(f"{status}\n".encode())
        else:
            send_file(client, path)
        part(client)


def answer_to(reader):
    """The status, and with 200 the path of the file."""
    line = reader.readline(LONGEST_LINE)
    if line in (b"\r\n", b"\n"):  # an empty line before a request is passed over
        line = reader.readline(LONGEST_LINE)
    if not line.endswith(b"\n"):  # too long, or the client has stopped in the middle of it
        return "414 URI Too Long" if len(line) == LONGEST_LINE else "400 Bad Request", None
    words = line.rstrip(b"\r\n").split(b" ")
    wrong = read_headers(reader)
    if len(words) != 3 or wrong == "400 Bad Request":
        return "400 Bad Request", None
    if wrong:
        return wrong, None
    method, target, version = words
    if not version.startswith(b"HTTP/1.") or not version[7:].isdigit():
        known = version.startswith(b"HTTP/") and version[5:6].isdigit()
        other = known and version[6:7] == b"." and version[7:].isdigit()
        return "505 HTTP Version Not Supported" if other else "400 Bad Request", None
    if method != b"GET":
        return "501 Not Implemented", None
    return find(unquote_to_bytes(target.partition(b"?")[0]))


def read_headers(reader):
    """Reads to the empty line; returns the status of what is wrong with a header, or None."""
    left, wrong = LONGEST_HEAD, None
    while (line := reader.readline(left)) not in (b"\r\n", b"\n"):
        left -= len(line)
        if left <= 0:
            return "431 Request Header Fields Too Large"
        if not line:  # the client has stopped before the empty line
            return "400 Bad Request"
        name, colon, _ = line.partition(b":")
        if not colon or name != name.strip() or not name:
            wrong = "400 Bad Request"
    return wrong


def find(path):
    if b"\0" in path:
        return "400 Bad Request", None
    found = os.path.realpath(ROOT + b"/" + path)
    if path.endswith(b"/"):
        found = os.path.realpath(os.path.join(found, b"index.html"))
    if not found.startswith(ROOT + b"/") or not os.path.isfile(found):
        return "404 Not Found", None
    if not os.access(found, os.R_OK):
        return "403 Forbidden", None
    return "200 OK", found


def send_head(client, status, kind):
    date = email.utils.formatdate(usegmt=True)
    client.sendall(f"HTTP/1.0 {status}\r\nDate: {date}\r\nContent-Type: {kind}\r\n\r\n".encode())


def send_file(client, path):
    """Sends the file; its end is the end of the connection."""
    ending = os.path.splitext(os.fsdecode(path))[1].lower()
    with open(path, "rb") as file:
        send_head(client, "200 OK", TYPES.get(ending, "application/octet-stream"))
        while data := file.read(65_536):
            client.sendall(data)


def part(client):
    """Closes our side and reads what the client still sends: a close over unread octets would be a
    reset, and could take the answer from it."""
    client.shutdown(socket.SHUT_WR)
    client.settimeout(1)
    for _ in range(100):
        if not client.recv(65_536):
            break


listener = socket.create_server(("", PORT), backlog=256)
while True:
    threading.Thread(target=serve, args=[listener.accept()[0]], daemon=True).start()
