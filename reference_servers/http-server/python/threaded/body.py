"""Reads the bodies of requests (RFC 9112, sections 6 and 7)."""

import re

from errors import Refused

LARGEST = 1_000_000
"""Octets of a body."""
LONGEST_LINE = 1_000
"""Octets of a chunk's size with its extensions, and of a trailer."""
MOST_TRAILERS = 100
SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;.*)?")


def read_body(request, reader, client):
    """The body of the request; b"" where there is none. Raises Refused."""
    coding = request.headers.get("transfer-encoding")
    length = request.headers.get("content-length")
    if coding is not None:
        if length is not None:
            # Who reads it by its length, and who by its chunks, see different requests.
            raise Refused(400, closes=True)
        if coding.lower() != "chunked" or request.minor == 0:
            raise Refused(501, closes=True)
        go_on(request, client)
        return read_chunks(reader)
    if length is None:
        return b""
    if not re.fullmatch("[0-9]{1,18}", length):
        raise Refused(400, closes=True)
    if int(length) > LARGEST:
        raise Refused(413, closes=True)
    go_on(request, client)
    return reader.octets(int(length))


def go_on(request, client):
    """Tells a client that waits for it to send the body."""
    if request.headers.get("expect", "").lower() == "100-continue" and request.minor > 0:
        client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


def read_chunks(reader):
    """The octets of all chunks; trailers are read and forgotten."""
    body = bytearray()  # grows in place: there may be a chunk for each octet
    while size := next_size(reader):
        if len(body) + size > LARGEST:
            raise Refused(413, closes=True)
        body += reader.octets(size)
        if reader.octets(2) != b"\r\n":
            raise Refused(400, closes=True)
    for _ in range(MOST_TRAILERS):
        if not reader.line(LONGEST_LINE, too_long=431):
            return bytes(body)
    raise Refused(431, closes=True)


def next_size(reader):
    line = reader.line(LONGEST_LINE, too_long=400)
    found = SIZE.fullmatch(line or b"")
    if not found:
        raise Refused(400, closes=True)
    return int(found[1], 16)
