"""Writes answers."""

import email.utils
from http import HTTPStatus

PIECE = 65_536
"""Octets of a file that are in memory at a time."""


class Answer:
    """`body` is the octets, or an open file of which `length` octets are sent."""

    def __init__(self, status, body=b"", headers=None, *, length=None, closes=False):
        self.status, self.body, self.headers = status, body, headers or {}
        self.length = len(body) if length is None else length
        self.closes = closes


def send(client, request, answer):
    """Sends the answer; of one to HEAD, and of 304, the head alone."""
    if answer.status != 304:
        answer.headers["Content-Length"] = str(answer.length)
    if answer.closes:
        answer.headers["Connection"] = "close"
    elif request.minor == 0:
        answer.headers["Connection"] = "keep-alive"
    lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
    lines += [f"Date: {email.utils.formatdate(usegmt=True)}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    head = "\r\n".join([*lines, "", ""]).encode("latin-1")
    without_body = answer.status == 304 or (request is not None and request.method == "HEAD")
    if isinstance(answer.body, bytes):
        client.sendall(head if without_body else head + answer.body)
        return
    with answer.body as file:
        client.sendall(head)
        if not without_body:
            send_file(client, file, answer.length)


def send_file(client, file, length):
    """Sends so many octets of the file, a piece at a time. Raises ConnectionError where the file
    has become shorter: the client waits for more, and only a close tells it that none comes."""
    while length > 0 and (data := file.read(min(length, PIECE))):
        client.sendall(data)
        length -= len(data)
    if length > 0:
        raise ConnectionError("the file has become shorter")
