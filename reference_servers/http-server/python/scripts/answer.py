"""Writes answers, and what a request may be refused for."""

import email.utils
from http import HTTPStatus

PIECE = 65_536
"""Octets of a file that are in memory at a time."""


class Answer:
    """`body` is the octets, or an open file of which `length` octets are sent. `phrase`: where a
    script has one of its own."""

    def __init__(self, status, body=b"", headers=None, *, length=None, closes=False, phrase=""):
        self.status, self.body, self.headers = status, body, headers or {}
        self.length = len(body) if length is None else length
        self.closes = closes
        self.phrase = phrase or HTTPStatus(status).phrase


class Refused(Exception):  # noqa: N818 - an adjective for a request
    """The request is answered with this status. `closes`: where the next request begins is not
    known, so the connection is closed."""

    def __init__(self, status, *, closes=False, **headers):
        super().__init__(status)
        self.status, self.closes, self.headers = status, closes, headers

    def answer(self):
        """What is sent back: nothing of what the client has said."""
        words = {name.replace("_", "-").title(): value for name, value in self.headers.items()}
        headers = {"Content-Type": "text/plain", **words}
        return Answer(self.status, f"{self.status}\n".encode(), headers, closes=self.closes)


async def send(writer, request, answer):
    """Sends the answer; of one to HEAD, and of 304, the head alone."""
    if answer.status != 304:
        answer.headers["Content-Length"] = str(answer.length)
    if answer.closes:
        answer.headers["Connection"] = "close"
    elif request.minor == 0:
        answer.headers["Connection"] = "keep-alive"
    lines = [f"HTTP/1.1 {answer.status} {answer.phrase}"]
    lines += [f"Date: {email.utils.formatdate(usegmt=True)}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
    without_body = answer.status == 304 or (request is not None and request.method == "HEAD")
    if isinstance(answer.body, bytes):
        writer.write(b"" if without_body else answer.body)
        await writer.drain()
        return
    with answer.body as file:
        left = 0 if without_body else answer.length
        while left > 0 and (data := file.read(min(left, PIECE))):
            writer.write(data)
            await writer.drain()  # the next piece when this one has been taken
            left -= len(data)
    await writer.drain()
