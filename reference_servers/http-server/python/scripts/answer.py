"""Writes answers, and what a request may be refused for."""

import asyncio
import email.utils
from http import HTTPStatus

PIECE = 65_536
"""Octets of a file that are in memory at a time."""
STALLED = 30.0
"""Seconds after which a client that takes nothing is let go."""


class Answer:
    """`body` is the octets, or an open file of which `length` octets are sent. `headers` are pairs
    of name and value: a script may print a name twice. `phrase`: where a script has its own."""

    def __init__(self, status, body=b"", headers=(), *, length=None, closes=False, phrase=None):
        self.status, self.body, self.headers = status, body, list(headers)
        self.length = len(body) if length is None else length
        self.closes = closes
        self.phrase = HTTPStatus(status).phrase if phrase is None else phrase


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
        text = f"{self.status}\n".encode()
        return Answer(self.status, text, headers.items(), closes=self.closes)


async def send(writer, request, answer):
    """Sends the answer; of one to HEAD, and of 204 and 304, the head alone."""
    never_a_body = answer.status in (204, 304)
    headers = list(answer.headers)
    if not never_a_body:
        headers.append(("Content-Length", str(answer.length)))
    if answer.closes:
        headers.append(("Connection", "close"))
    elif request.minor == 0:
        headers.append(("Connection", "keep-alive"))
    lines = [f"HTTP/1.1 {answer.status} {answer.phrase}"]
    lines += [f"Date: {email.utils.formatdate(usegmt=True)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
    without_body = never_a_body or (request is not None and request.method == "HEAD")
    if isinstance(answer.body, bytes):
        writer.write(b"" if without_body else answer.body)
        await until_taken(writer)
        return
    with answer.body as file:
        left = 0 if without_body else answer.length
        while left > 0 and (data := file.read(min(left, PIECE))):
            writer.write(data)
            await until_taken(writer)  # the next piece when this one has gone
            left -= len(data)
        if left > 0:  # the file has become shorter: only a close tells the client
            raise ConnectionError("the file has become shorter")
    await until_taken(writer)


async def until_taken(writer):
    """Waits until what was written has gone. Raises TimeoutError where the client takes nothing."""
    try:
        async with asyncio.timeout(STALLED):
            await writer.drain()
    except TimeoutError:
        writer.transport.abort()  # a close would wait for it as well
        raise
