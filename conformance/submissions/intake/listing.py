"""What an archive or a folder lists: entries, each with its place and what it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from conformance.verdict.model import WrongCall

MAX_LISTED = 100_000
"""Files and folders that are looked at, including those that are left behind."""
AIM_BYTES = 1_024
"""Path parts of a link's target. Longer ones lead through the same folders up and down."""

Parts = tuple[str, ...]


class MemberKind(Enum):
    """What an entry is."""

    FILE = "a file"
    FOLDER = "a folder"
    LINK = "a link"
    COPY = "a hard link"
    OTHER = "a device or a pipe"


@dataclass(frozen=True)
class Member:
    """One line of the list."""

    parts: Parts
    """Its place; empty for the top folder itself."""
    kind: MemberKind
    size: int = 0
    """Bytes of a file, as claimed."""
    aim: str = ""
    """Where a link leads."""
    original: Parts = ()
    """The earlier file that a hard link names."""


def parts_of(name: str, what: str) -> Parts:
    """The place that an archive's entry names. Raises WrongCall if it is outside."""
    if "\0" in name or not name:
        raise WrongCall(f"{what} holds an entry without a valid name: {shown(name)}")
    pure = name.replace("\\", "/")  # zips made by Windows
    parts = tuple(part for part in pure.split("/") if part not in ("", "."))
    drive = len(parts) > 1 and len(parts[0]) == 2 and parts[0][0].isalpha() and parts[0][1] == ":"
    if pure.startswith("/") or drive or ".." in parts:
        raise WrongCall(f"{what} holds an entry that would leave it: {shown(name)}")
    return parts


def shown(name: str | Parts) -> str:
    """A name, for a sentence: quoted, and not too long."""
    text = name if isinstance(name, str) else "/".join(name)
    return ascii(text if len(text) <= 100 else f"{text[:60]}…{text[-39:]}")
