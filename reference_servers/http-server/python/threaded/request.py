"""Reads requests (RFC 9112, sections 2 to 5)."""

import re
from urllib.parse import unquote_to_bytes

from errors import Refused

LONGEST_LINE = 16_000
"""Octets of a request line; RFC 9112 asks for 8,000."""
LONGEST_HEAD = 65_536
MOST_HEADERS = 100
TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
VERSION = re.compile(rb"HTTP/([0-9])\.([0-9])")
TARGET = re.compile(rb"/|https?://", re.IGNORECASE)
ABSOLUTE = re.compile(rb"https?://([^/?]*)(.*)", re.IGNORECASE)


class Reader:
    """What a client sends, of which one read may bring less than a line, or several requests."""

    def __init__(self, client):
        self._client = client
        self._buffer = b""

    def _more(self):
        data = self._client.recv(65_536)
        self._buffer += data
        return bool(data)

    def line(self, most, too_long):
        """The next line without its end; None at the end of the stream. Raises Refused with the
        status `too_long` where it does not end within `most` octets."""
        while b"\n" not in self._buffer:
            if len(self._buffer) > most:
                raise Refused(too_long, closes=True)
            if not self._more():
                return None
        line, _, rest = self._buffer.partition(b"\n")
        if len(line) > most:
            raise Refused(too_long, closes=True)
        self._buffer = rest
        return line.removesuffix(b"\r")

    def octets(self, count):
        """So many octets. Raises ConnectionError where the stream ends before."""
        while len(self._buffer) < count:
            if not self._more():
                raise ConnectionError("the client has gone in mid-body")
        data, self._buffer = self._buffer[:count], self._buffer[count:]
        return data


class Request:
    def __init__(self, method, target, minor, headers):
        self.method, self.minor, self.headers = method, minor, headers
        absolute = ABSOLUTE.fullmatch(target)
        path, _, self.query = (absolute[2] if absolute else target).partition(b"?")
        self.encoded_path = path or b"/"
        self.path = unquote_to_bytes(self.encoded_path)

    @property
    def keep_alive(self):
        words = [word.strip().lower() for word in self.headers.get("connection", "").split(",")]
        if self.minor == 0:
            return "keep-alive" in words
        return "close" not in words


def read_request(reader):
    """The next request; None where the client has gone. Raises Refused."""
    line = reader.line(LONGEST_LINE, too_long=414)
    if line == b"":  # an empty line before a request is passed over
        line = reader.line(LONGEST_LINE, too_long=414)
    if line is None:
        return None
    words = line.split(b" ")
    if len(words) != 3 or not all(words) or b"\0" in line or b"\r" in line:
        raise Refused(400, closes=True)
    method, target, version = words
    minor = minor_version(version)
    if not TOKEN.fullmatch(method) or not TARGET.match(target):
        raise Refused(400, closes=True)
    headers = read_headers(reader)
    if headers is None:
        return None
    hosts = headers.get("host", "").split(", ") if "host" in headers else []
    if minor > 0 and len(hosts) != 1:
        raise Refused(400, closes=True)
    return Request(method.decode(), target, minor, headers)


def minor_version(version):
    """The second number of the version. Raises Refused where the first is not 1."""
    found = VERSION.fullmatch(version)
    if not found:
        raise Refused(400, closes=True)
    if found[1] != b"1":
        raise Refused(505, closes=True)
    return int(found[2])


def read_headers(reader):
    """The headers by their names in lower case; several of one name are joined by a comma."""
    headers, left, count = {}, LONGEST_HEAD, 0
    while line := reader.line(left, too_long=431):
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
