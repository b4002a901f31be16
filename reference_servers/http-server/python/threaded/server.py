"""A web server on sockets: a thread for each client, which reads one request after the other.

Lab: http-server
Leaves to the student: nothing
Parameters: concurrency=thread-per-client

`request` reads what a client asks for, `body` what comes behind it, `files` finds and opens files,
`answer` writes what goes back. An error is an exception that knows its status.
"""

import contextlib
import socket
import socketserver
import time

from answer import Answer, send
from body import read_body
from errors import Refused
from files import answer_with_file
from request import Reader, read_request

PORT = 8080
IDLE = 30.0
"""Seconds after which a client that says nothing is let go."""
LINGER = 1.0
"""Seconds, and below octets, that a client may still send when it has been refused."""
LINGER_OCTETS = 1_000_000


class Client(socketserver.BaseRequestHandler):
    """The conversation with one client."""

    def handle(self):
        self.request.settimeout(IDLE)
        with contextlib.suppress(OSError):  # the client has gone, or says nothing
            reader = Reader(self.request)
            while self.answer_one(reader):
                pass

    def answer_one(self, reader):
        """Answers one request; returns whether another may follow."""
        request = None
        try:
            request = read_request(reader)
            if request is None:
                return False
            answer = self.answer_to(request, reader)
        except Refused as refused:
            answer = refused.answer()
        if request is not None and not request.keep_alive:
            answer.closes = True
        send(self.request, request, answer)
        if answer.closes:
            self.part()
        return not answer.closes

    def answer_to(self, request, reader):
        body = read_body(request, reader, self.request)
        if request.method == "POST":
            if request.path != b"/echo":
                raise Refused(405, allow="GET, HEAD")
            kind = request.headers.get("content-type", "application/octet-stream")
            return Answer(200, body, {"Content-Type": kind})
        if request.method in ("GET", "HEAD"):
            return answer_with_file(request)
        if request.method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"):
            raise Refused(405, allow="GET, HEAD")
        raise Refused(501)

    def part(self):
        """Closes our side and reads on for a moment: a close over unread octets would be a reset,
        and could take the answer from the client before it has read it."""
        self.request.shutdown(socket.SHUT_WR)
        end, read = time.monotonic() + LINGER, 0
        while read < LINGER_OCTETS and (left := end - time.monotonic()) > 0:
            self.request.settimeout(left)
            data = self.request.recv(65_536)
            if not data:
                break
            read += len(data)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256


if __name__ == "__main__":
    Server(("", PORT), Client).serve_forever()
