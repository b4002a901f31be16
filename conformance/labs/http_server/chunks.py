"""How bodies are written in chunks (RFC 9112, section 7.1), rightly and wrongly."""


def chunked(body, sizes, *, upper=False, extension="", trailers=()):
    """The body in chunks of these sizes, and the rest in one."""
    octets, at = b"", 0
    for size in (*sizes, len(body) - sum(sizes)):
        if size:
            octets += chunk(body[at : at + size], upper=upper, extension=extension)
        at += size
    lines = b"".join(f"{line}\r\n".encode() for line in trailers)
    return octets + b"0\r\n" + lines + b"\r\n"


def chunk(data, *, upper=False, extension=""):
    """One chunk, whose size is written in digits of either case."""
    size = f"{len(data):X}" if upper else f"{len(data):x}"
    return f"{size}{extension}\r\n".encode() + data + b"\r\n"


BROKEN = {
    "a chunk of size `xyz`": b"xyz\r\nhello\r\n0\r\n\r\n",
    "a chunk without a size": b"\r\nhello\r\n0\r\n\r\n",
    "a chunk of size `-5`": b"-5\r\nhello\r\n0\r\n\r\n",
    "a chunk of size `0x5`": b"0x5\r\nhello\r\n0\r\n\r\n",
    "a chunk of size `ffffffffffffffff5`": b"ffffffffffffffff5\r\nhello\r\n0\r\n\r\n",
    "a chunk of size `10000000000000005`": b"10000000000000005\r\nhello\r\n0\r\n\r\n",
    "a chunk that is longer than it says": b"5\r\nhello, world\r\n0\r\n\r\n",
}
"""Bodies that are none, each with its name. Of 10000000000000005, 64 bits hold 5."""

UNFINISHED = b"100000005\r\nhello\r\n0\r\n\r\n"
"""A chunk of 4 GiB, of which a little comes. Of its size, 32 bits hold 5."""
