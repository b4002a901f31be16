"""Reads an answer of the server from the octets that have come. Pure.

h11 reads it first. What it refuses is read by hand, as leniently as a browser would: what is wrong
with the form of an answer costs one clause, and all others have to know what it says.
"""

import re
from dataclasses import dataclass, field

import h11

HEAD_END = re.compile(rb"\r?\n\r?\n")
STATUS = re.compile(rb"(HTTP)?[/ ]?(\d\.\d)?:?[ \t]*(\d{3})(?:[ \t]([^\r\n]*))?\r?\n?")
CHUNK_SIZE = re.compile(rb"[ \t]?([0-9A-Fa-f]{1,16})(?![0-9A-Fa-f])[^\r\n]{0,1000}\r?\n")

HOST = "host.example"
"""Whom h11 believes to ask: it reads answers to a request that it has written."""


@dataclass
class Response:
    """One answer, as far as it has come."""

    status: int
    version: str
    """As in `1.1`; "" where the status line has none."""
    head: bytes
    """All up to the empty line, and with it."""
    headers: list[tuple[str, str]]
    """Names in lower case, and values, in order."""
    body: bytes = b""
    ends_by: str = "nothing"
    """What tells where the body ends: `length`, `chunks`, `close`, or `no body`."""
    whole: bool = False
    """Whether its end has come."""
    size: int = 0
    """Octets of all of it, head and body, as it was sent."""
    refused: str = ""
    """What h11 says against it; "" where nothing."""
    before: list["Response"] = field(default_factory=list)
    """The answers of code 1xx that came before it."""

    def values(self, name):
        """The values of all headers of that name."""
        return [value for known, value in self.headers if known == name]

    def value(self, name, otherwise=""):
        """The value of the header, or of several, as one list."""
        return ", ".join(self.values(name)) or otherwise

    @property
    def length(self):
        """What Content-Length says; None where there is none, or no number."""
        said = self.value("content-length")
        return int(said) if re.fullmatch("[0-9]{1,15}", said) else None

    @property
    def says_close(self):
        words = [word.strip().lower() for word in self.value("connection").split(",")]
        return "close" in words

    @property
    def is_last(self):
        """Whether the server says that it closes the connection behind this answer."""
        return self.says_close or self.ends_by == "close"

    @property
    def told(self):
        """Its first line, as a report says it."""
        line = self.head.lstrip(b"\r\n").partition(b"\n")[0].rstrip(b"\r")
        return line.decode(errors="replace")


def read(data, *, method="GET", closed=False):
    """The first answer in `data`, to a request of that method; None where its head has not come.
    `closed`: the server has ended the connection, so no more will come."""
    return _strictly(data, method, closed) or by_hand(data, method=method, closed=closed)


def _strictly(data, method, closed):
    """As h11 reads it; None where it refuses it, or has not seen the head's end."""
    before, answer, body = [], None, bytearray()
    connection = _connection(method)
    try:
        for event in _events(connection, data, closed):
            if isinstance(event, h11.InformationalResponse):
                before.append(_of(event, b""))
            elif isinstance(event, h11.Response):
                answer = _of(event, _head(data, len(before)))
            elif isinstance(event, h11.Data):
                body += event.data
            elif answer is not None:  # the end of the message
                answer.whole = True
    except h11.RemoteProtocolError:
        return None
    if answer is None:
        return None
    answer.before, answer.body = before, bytes(body)
    answer.ends_by = _ends_by(answer, method)
    answer.size = len(data) - len(connection.trailing_data[0])
    return answer


def _events(connection, data, closed):
    """What h11 finds in the data, to the end of the first answer."""
    connection.receive_data(data)
    if closed:
        connection.receive_data(b"")
    event = None
    while not isinstance(event, h11.EndOfMessage):
        event = connection.next_event()
        if event in (h11.NEED_DATA, h11.PAUSED) or isinstance(event, h11.ConnectionClosed):
            return
        yield event


def _connection(method):
    """h11, which has asked by that method."""
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method=method, target="/", headers=[("Host", HOST)]))
    connection.send(h11.EndOfMessage())
    return connection


def refusal(data, method="GET", *, closed=False):
    """What h11 says against the first answer in `data`; "" where nothing, so far."""
    try:
        for _ in _events(_connection(method), data, closed):
            pass
    except h11.RemoteProtocolError as error:
        return str(error)
    return ""


def _of(event, head):
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers]
    version = event.http_version.decode()
    return Response(event.status_code, version, head, headers)


def _head(data, passed):
    """The head of the answer behind so many others of code 1xx."""
    begins = len(data) - len(data.lstrip(b"\r\n"))
    ends = [found.end() for found in HEAD_END.finditer(data, begins)]
    return data[ends[passed - 1] if passed else begins : ends[passed]]


def by_hand(data, *, method="GET", closed=False):
    """The answer as a lenient reader has it; None where there is no status line, or its head has
    not come."""
    before, begins = [], 0
    while True:
        begins += len(data) - begins - len(data[begins:].lstrip(b"\r\n"))
        ends = HEAD_END.search(data, begins)
        head = data[begins : ends.end()] if ends else data[begins:] if closed else b""
        status = STATUS.match(head)
        if not status or not (status[1] or status[2] or status[4]):
            return None
        answer = Response(int(status[3]), (status[2] or b"").decode(), head, _headers(head, status))
        if not 100 <= answer.status < 200 or not ends:
            break
        before.append(answer)
        begins = ends.end()
    answer.before = before
    answer.refused = refusal(data, method)
    answer.ends_by = _ends_by(answer, method)
    behind = data[begins + len(head) :]
    answer.body, rest, answer.whole = _body(answer, behind, closed)
    answer.size = len(data) - len(rest)
    return answer


def _headers(head, status):
    """The headers of a head, whose lines without a colon are passed over."""
    cut = [line.partition(b":") for line in head[status.end() :].splitlines()]
    return [
        (name.decode("latin-1").strip().lower(), value.decode("latin-1").strip())
        for name, colon, value in cut
        if colon
    ]


def _ends_by(answer, method):
    """What tells where the body ends (RFC 9112, section 6.3)."""
    if method == "HEAD" or answer.status in (204, 304) or answer.status < 200:
        return "no body"
    if "chunked" in answer.value("transfer-encoding").lower():
        return "chunks"
    return "close" if answer.length is None else "length"


def _body(answer, data, closed):
    """The body, what is behind it, and whether it is whole."""
    if answer.ends_by == "no body":
        return b"", data, True
    if answer.ends_by == "length":
        return data[: answer.length], data[answer.length :], len(data) >= answer.length
    if answer.ends_by == "chunks":
        return _chunks(data)
    return data, b"", closed


def _chunks(data):
    body = bytearray()
    while size := CHUNK_SIZE.match(data):
        length, data = int(size[1], 16), data[size.end() :]
        if not length:
            ends = re.match(rb"(?:[^\r\n]+\r?\n)*\r?\n", data)
            return bytes(body), data[ends.end() :] if ends else data, bool(ends)
        body += data[:length]
        data = data[length:].lstrip(b"\r\n") if len(data) >= length else b""
    return bytes(body), data, False
