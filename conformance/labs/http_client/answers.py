"""What the web server awaits, and what it answers, drawn anew for each run. Pure."""

from dataclasses import dataclass

SOON = 2.0
"""Seconds within which the request has to arrive; then the program is answered nevertheless."""

LARGE = 200_000
"""Bytes of the large answer: status line, headers and body."""
WIDTH = 80
"""Bytes of each line of its body, with its end."""
PIECES = 40

ACCENTS = "éèàüöçœ€ñß"
"""Characters of two and three bytes in UTF-8."""


def complete(received):
    """Whether a request ends with a blank line; LF alone ends a line, too."""
    return received.replace(b"\r\n", b"\n").endswith(b"\n\n")


@dataclass(frozen=True)
class WebAnswer:
    """An answer, in the pieces in which it is sent."""

    pieces: tuple[bytes, ...]

    @property
    def data(self):
        """All of it."""
        return b"".join(self.pieces)

    @property
    def lines(self):
        """Its lines, without their ends and without empty ones."""
        return [line for line in map(bytes.rstrip, self.data.split(b"\n")) if line]

    @property
    def head(self):
        """The lines up to the blank one."""
        lines = self.lines
        count = len([line for line in self.data.partition(b"\r\n\r\n")[0].split(b"\n") if line])
        return lines[:count]


def _head(draw, length, status="400 Bad Request"):
    lines = [
        f"HTTP/1.1 {status}",
        f"Server: {draw.word()}",
        "Content-Type: text/html; charset=utf-8",
        f"Content-Length: {length}",
        "Connection: close",
        "",
        "",
    ]
    return "\r\n".join(lines).encode()


def _page(*paragraphs):
    lines = ["<html>", "<body>", *(f"<p>{text}</p>" for text in paragraphs), "</body>", "</html>"]
    return "".join(f"{line}\r\n" for line in lines).encode()


def greeting(draw):
    """A small answer, in one piece."""
    body = _page("400 Bad Request", *(draw.line(40) for _ in range(2)))
    return WebAnswer((_head(draw, len(body)) + body,))


def large(draw):
    """An answer of 200,000 bytes. Its pieces end at the end of a line: a program may print each
    with an end of line of its own."""
    length = LARGE - len(_head(draw, 100_000, "200 OK"))  # as many digits as the real length has
    head = _head(draw, length, "200 OK")
    words = [draw.word(WIDTH - 2) for _ in range(length // WIDTH)]
    rest = length - len(words) * WIDTH
    words[-1] += draw.word(rest) if rest else ""
    data = head + "".join(f"{word}\r\n" for word in words).encode()
    ends = [data.index(b"\n", len(data) * n // PIECES - 1) + 1 for n in range(1, PIECES + 1)]
    return WebAnswer(tuple(data[a:b] for a, b in zip([0, *ends], ends, strict=False)))


@dataclass(frozen=True)
class Accents:
    """An answer with accents, and the lines that hold them."""

    answer: WebAnswer
    whole: bytes
    """The line that comes in one segment."""
    parted: bytes
    """The line that comes in two, with a character between them."""


def accents(draw):
    """An answer in two pieces. A line of the first has accents; a character of another line is
    divided by both."""
    one, two = (" ".join(draw.spread(ACCENTS, 3)) for _ in range(2))
    whole, parted = f"{draw.word()} {one}", f"{draw.word()} {two}"
    body = f"{whole}\r\n{draw.word()}\r\n{parted}\r\n{draw.word()}\r\n".encode()
    data = _head(draw, len(body), "200 OK") + body
    line = parted.encode()
    inside = next(place for place, byte in enumerate(line) if byte >= 0xC0) + 1
    cut = data.index(line) + inside
    return Accents(WebAnswer((data[:cut], data[cut:])), whole.encode(), line)


def cut_short(draw):
    """The beginning of an answer, which ends in the middle of a line."""
    lines = [draw.line(40) for _ in range(4)]
    body = "".join(f"{line}\r\n" for line in lines).encode()
    data = _head(draw, 10 * len(body), "200 OK") + body
    return WebAnswer((data[:-20],))
