"""The encoding of an exported file, so that its text can be written back byte by byte. Pure."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from conformance.verdict.model import WrongCall

SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How files of Excel begin: .xlsx and .xls."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_START = 200
"""Bytes by which UTF-16 without a mark is recognised."""


@dataclass(frozen=True)
class FileEncoding:
    """How a text is written as bytes."""

    name: str
    """Python's name of the codec."""
    mark: bytes = b""
    """The byte order mark at the beginning."""

    def encode(self, text: str) -> bytes:
        """The bytes. A character that the encoding lacks becomes a question mark."""
        return self.mark + text.encode(self.name, "replace")


def decode(data: bytes) -> tuple[str, FileEncoding]:
    """The text of a file, and its encoding: UTF-8 or UTF-16, with or without a mark; else Windows'
    Western one, or Latin-1. Encoding the text gives the same bytes again. Raises WrongCall."""
    if data.startswith(SPREADSHEETS):
        raise WrongCall("it is a file of Excel: fill the CSV file that the site exports")
    for mark, name in _MARKS:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(name), FileEncoding(name, mark)
            except UnicodeDecodeError as error:
                raise WrongCall(f"it begins like {name.upper()}, and is not: {error}") from None
    for name in (*_unmarked(data), "utf-8", "cp1252"):
        try:
            return data.decode(name), FileEncoding(name)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1"), FileEncoding("latin-1")


def _unmarked(data: bytes) -> tuple[str, ...]:
    """UTF-16, if most of every second byte is zero, as in all Western text."""
    start = data[:_START]
    if len(data) % 2:
        return ()
    for zeros, name in ((start[1::2], "utf-16-le"), (start[::2], "utf-16-be")):
        if zeros and zeros.count(0) > len(zeros) * 3 // 4:
            return (name,)
    return ()
