"""Reads requests and their bodies (RFC 9112)."""

import asyncio
import os
import re
from urllib.parse import unquote_to_bytes

from answer import Refused

LONGEST_LINE = 16_000
"""Octets of a request line; RFC 9112 asks for 8,000."""
LONGEST_HEAD = 65_536
MOST_HEADERS = 100
LARGEST = 1_000_000
"""Octets of a body."""
LONGEST_SIZE = 1_000
"""Octets of a chunk's size with its extensions, and of a trailer."""
TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
VERSION = re.compile(rb"HTTP/([0-9])\.([0-9])")
TARGET = re.compile(rb"/|https?://", re.IGNORECASE)
ABSOLUTE = re.compile(rb"https?://([^/?]*)(.*)", re.IGNORECASE)
SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;.*)?")


class Request:
    def __init__(self, method, target, minor, headers):
        self.method, self.minor, self.headers = method, minor, headers
        self.body = b""
        absolute = ABSOLUTE.fullmatch(target)
        if absolute:  # then its host counts, and not Host (RFC 9112, section 3.2.2)
            target, headers["host"] = absolute[2], absolute[1].decode("latin-1")
        path, _, query = target.partition(b"?")
        self.encoded_path = path or b"/"
        self.path = unquote_to_bytes(self.encoded_path)
        self.query = os.fsdecode(query)  # octet for octet, as a script is told it

    @property
    def host(self):
        """The name of the host that is asked, without its port, in lower case."""
        return self.headers.get("host", "").partition(":")[0].lower()

    @property
    def keep_alive(self):
        words = [word.strip().lower() for word in self.headers.get("connection", "").split(",")]
        return "keep-alive" in words if self.minor == 0 else "close" not in words


async def read_line(reader, most, too_long):
    """The next line without its end; None at the end of the stream. Raises Refused with the status
    `too_long` where it does not end within `most` octets."""
    try:
        line = await reader.readuntil(b"\n")
    except asyncio.IncompleteReadError:
        return None
    except asyncio.LimitOverrunError:
        raise Refused(too_long, closes=True) from None
    if len(line) > most:
        raise Refused(too_long, closes=True)
    return line[:-1].removesuffix(b"\r")


async def read_request(reader, writer):
    """The next request, with its body; None where the client has gone. Raises Refused."""
    line = await read_line(reader, LONGEST_LINE, 414)
    if line == b"":  # an empty line before a request is passed over
        line = await read_line(reader, LONGEST_LINE, 414)
    if line is None:
        return None
    words = line.split(b" ")
    if len(words) != 3 or not all(words) or not TOKEN.fullmatch(words[0]):
        raise Refused(400, closes=True)
    if b"\0" in line or b"\r" in line or not TARGET.match(words[1]):
        raise Refused(400, closes=True)
    version = VERSION.fullmatch(words[2])
    if not version:
        raise Refused(400, closes=True)
    if version[1] != b"1":
        raise Refused(505, closes=True)
    headers = await read_headers(reader)
    if headers is None:
        return None
    minor = int(version[2])
    if minor > 0 and ("host" not in headers or "," in headers["host"]):
        raise Refused(400, closes=True)
    request = Request(words[0].decode(), words[1], minor, headers)
    request.body = await read_body(request, reader, writer)
    return request


async def read_headers(reader):
    """The headers by their names in lower case; several of one name are joined by a comma."""
    headers, left, count = {}, LONGEST_HEAD, 0
    while line := await read_line(reader, left, 431):
        left -= len(line) + 2
        count += 1
        if count > MOST_HEADERS or left < 0:
            raise Refused(431, closes=True)
        name, colon, value = line.partition(b":")
        # A space before the colon, or at the beginning (a folded line), is no part of a name.
        if not colon or not TOKEN.fullmatch(name) or b"\0" in value or b"\r" in value:
            raise Refused(400, closes=True)
        key, text = name.decode().lower(), value.strip(b" \t").decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return None if line is None else headers


async def read_body(request, reader, writer):
    """The body of the request; b"" where there is none. Raises Refused."""
    coding = request.headers.get("transfer-encoding")
    length = request.headers.get("content-length")
    if coding is not None and length is not None:
        # Who reads it by its length, and who by its chunks, see different requests.
        raise Refused(400, closes=True)
    if coding is not None and (coding.lower() != "chunked" or request.minor == 0):
        raise Refused(501, closes=True)
    if length is not None and not re.fullmatch("[0-9]{1,18}", length):
        raise Refused(400, closes=True)
    if int(length or 0) > LARGEST:
        raise Refused(413, closes=True)
    if request.headers.get("expect", "").lower() == "100-continue" and request.minor > 0:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    if coding is not None:
        return await read_chunks(reader)
    return await reader.readexactly(int(length or 0))


async def read_chunks(reader):
    """The octets of all chunks; trailers are read and forgotten."""
    body = bytearray()  # grows in place: there may be a chunk for each octet
    while size := await next_size(reader):
        if len(body) + size > LARGEST:
            raise Refused(413, closes=True)
        body += await reader.readexactly(size)
        if await reader.readexactly(2) != b"\r\n":
            raise Refused(400, closes=True)
    for _ in range(MOST_HEADERS):
        if not await read_line(reader, LONGEST_SIZE, 431):
            return bytes(body)
    raise Refused(431, closes=True)


async def next_size(reader):
    found = SIZE.fullmatch(await read_line(reader, LONGEST_SIZE, 400) or b"")
    if not found:
        raise Refused(400, closes=True)
    return int(found[1], 16)
