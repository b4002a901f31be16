"""What students could have written instead: texts made from good ones, by a seed.

Texts are cut, doubled, shuffled, in other encodings, with pieces of one another, and with what
parsers trip over: depth, length, numbers, missing ends, bytes that are no text.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Sequence

TIMES = int(os.environ.get("CONFORMANCE_FUZZ", "1"))
"""How many times as many are tried as in an ordinary run of the tests."""

TOKENS = [
    *(b"\0", b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\r\n", b"\n\n", b"\t"),
    *(b'"', b"'", b'"""', b"'''", b"`", b"\\", b"\\\\", b"/*", b"*/", b"//", b"#", b"<!--", b"-->"),
    *(b"{", b"}", b"[", b"]", b"(", b")", b"<", b">", b"</", b"&", b"&lt;", b";", b":", b"=", b","),
    *(b"9" * 5000, b"0x" + b"f" * 5000, b"-1", b"1e999", b"NaN", b"Infinity", b"0.0", b"true"),
    *(b"null", b"[" * 300, b"{" * 300, b"(" * 300, b"-" * 300, b'{"a":' * 300, b"<a>" * 300),
    *(b"a." * 300, b"\\" * 301, b" " * 999, b"x" * 999, "é€\U0001f600".encode(), "\u2028".encode()),
    *(b"\xc3", b"\xed\xa0\x80", b"\\ud800", b"\\u0000", b"\x1b[31m", b"\x7f", b"\x85", b"\xa0"),
    *(b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"<![CDATA[", b"]]>", b"<?xml version='1.0'?>", b"\x1a"),
    *(b"../../../etc/passwd", b"/etc/passwd", b"con", b"-", b"--", b"=1+1", b"@", b"%s", b"{port}"),
]


def mutations(seeds: Sequence[bytes], count: int, seed: int = 0) -> Iterator[bytes]:
    """`count` times `TIMES` texts made of those given; the same ones for the same seed."""
    draw = random.Random(seed)
    for _ in range(count * TIMES):
        text = draw.choice(seeds)
        for _ in range(draw.choice((1, 1, 1, 2, 3, 8))):
            text = _changed(text, seeds, draw)
        yield text[:20_000]


def _changed(text: bytes, seeds: Sequence[bytes], draw: random.Random) -> bytes:
    start, end = sorted((draw.randint(0, len(text)), draw.randint(0, len(text))))
    match draw.randrange(9):
        case 0:
            return text[:start]
        case 1:
            return text[:start] + text[end:]
        case 2:
            return text[:end] + text[start:]
        case 3:
            return text[:start] + draw.choice(TOKENS) + text[start:]
        case 4:
            return text[:start] + draw.choice(TOKENS) + text[end:]
        case 5:
            changed = bytearray(text)
            for _ in range(draw.choice((1, 4, 16))):
                if changed:
                    changed[draw.randrange(len(changed))] = draw.randrange(256)
            return bytes(changed)
        case 6:
            other = draw.choice(seeds)
            return text[:start] + other[draw.randint(0, len(other)) :]
        case 7:
            lines = text.splitlines(keepends=True)
            draw.shuffle(lines)
            return b"".join(lines)
        case _:
            encoding = draw.choice(("utf-16", "utf-16-be", "utf-8-sig", "cp1252", "utf-32"))
            return text.decode("utf-8", "replace").encode(encoding, "replace")
