"""Who handed in what, by the names of entries, and how names are compared. Pure.

- Course sites have patterns of their own: see `sites`.
- GitHub: a clone each, `lab-echo-annsmith/`: all of an assignment begin alike.
- Gradescope: `submission_123456789/`; whose it is stands in submission_metadata.yml.
- Plain: `alice.py`, `bob/`, `chloe.zip`, `x.tar.gz`.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from conformance.submissions.intake.archive import FOREIGN, SUFFIXES
from conformance.submissions.intake.clutter import CLUTTER, is_leftover

METADATA = "submission_metadata.yml"
"""Where Gradescope says whose each submission is."""

SINGLE = frozenset(
    {
        *(".py", ".java", ".jar", ".js", ".mjs", ".cjs", ".ts", ".c", ".cc", ".cpp", ".go"),
        *(".rs", ".sh", ".pdf", ".txt", ".md", ".docx", ".html", ".odt", ".png", ".jpg"),
    }
)
"""Suffixes that a student's file may have; a dot before anything else is part of the id."""

NO_ENTRIES = frozenset({METADATA, "class.toml"})
FEW = 5
"""Names in a sentence: of two thousand the first few say what is meant."""

LONGEST = 100
"""Characters of a safe name: file systems take 255 bytes, with what is added to it."""

_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "o", "ł": "l", "đ": "d"})


@dataclass(frozen=True)
class Author:
    """Whom a course site names."""

    id: str
    name: str = ""


@dataclass(frozen=True)
class Name:
    """What the name of an entry tells."""

    author: Author
    site: str = ""
    """"Moodle", "Canvas", …; "" for a plain name."""
    late: bool = False
    """The site has marked it so; when it came is not told."""
    number: int = 0
    """Of the file, where a student may have several: the greatest came last."""
    file: str = ""
    """The file's own name, without what a repeated hand-in adds to it."""
    no_file: str = ""
    """What was handed in instead of a file: "a text", "a link"."""
    receipt: bool = False
    """The site's own account of what was handed in, and nothing that was."""
    attempt: str = ""
    """When it was handed in, as a text that sorts, where each attempt is exported."""
    head: str = field(default="", compare=False)
    """What of Blackboard's name stands before the attempt: the assignment and the login."""
    folder: str = field(default="", compare=False)
    """What a folder is called that a teacher puts several files of one hand-in into."""


def is_entry(name: str) -> bool:
    """Whether a name can be that of something handed in."""
    return not (
        name.startswith(".")
        or name in CLUTTER
        or is_leftover(name)
        or is_leftover(name, folder=True)
        or name in NO_ENTRIES
        or name.lower().endswith(".csv")
    )


def prefixes(names: Collection[str]) -> Iterator[str]:
    """What the names of an assignment's clones may all begin with, the longest first.

    Only whole words up to a dash, and only where something is left of every name.
    """
    first = min(names, default="")
    for end in range(len(first) - 1, 0, -1):
        start = first[:end]
        if start[-1] == "-" and all(n.startswith(start) and len(n) > end for n in names):
            yield start


def prefix_of_lab(names: Collection[str], labs: Collection[str]) -> str:
    """What all names of plain folders begin with, if a lab's word is in it: `lab-echo-`.

    Two who share more than that may share a first name: there it ends with the lab's word.
    """
    words = {word for lab in labs for word in lab_word(lab).split("-")}
    found = [start for start in prefixes(names) if words & {*lab_word(start).split("-")}]
    if len(names) < 2 or not found:
        return ""
    return found[0] if len(names) > 2 else found[-1]


def identity(text: str) -> str:
    """An id or a name as it is kept: one form for each letter, no blanks around it."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def same(text: str) -> str:
    """Two ids that agree in this are one person's: `Ann` and `ann`."""
    return unicodedata.normalize("NFC", identity(text).casefold())


def lab_word(text: str) -> str:
    """A lab's name as folders and columns may spell it: `Streaming_Time`, `streaming time`."""
    return re.sub(r"[\s_-]+", "-", same(text))


def spellings(name: str) -> set[str]:
    """A person's name as sites squeeze it, whichever of its words they put first:
    `annsmith` and `smithann` for "Ann Smith" and for "Smith, Ann"."""
    words = [squeezed(word) for word in re.split(r"[\s,_]+", name)]
    words = [word for word in words if word]
    return {"".join(words[i:] + words[:i]) for i in range(len(words))}


def squeezed(name: str) -> str:
    """Its letters and digits alone."""
    plain = unicodedata.normalize("NFC", name).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


def folded(name: str) -> set[str]:
    """How its letters and digits may be written without accents: `muller` and `mueller`."""
    plain = squeezed(name)
    bare = unicodedata.normalize("NFKD", plain)
    written = {
        "".join(letter for letter in some if letter.isascii())
        for some in (bare, unicodedata.normalize("NFKD", plain.translate(_LETTERS)))
    }
    return {some for some in written if some and len(some) >= len(plain)}  # else letters are lost


def readable(name: str) -> str:
    """A file's name as text that can be written anywhere: bytes that are no text replaced."""
    return os.fsencode(name).decode("utf-8", "replace")


def safe_name(text: str) -> str:
    """A name for a file about the student of this id. No two ids have the same.

    Letters and digits stay, and `_`, `.`, `-` but for the first; all else is %XX, as in a
    URL. What would be too long ends in `%~` and a digest.
    """
    kept = "".join(
        letter
        if letter.isalnum() or letter == "_" or (letter in ".-" and place)
        else "".join(f"%{byte:02X}" for byte in letter.encode("utf-8", "surrogatepass"))
        for place, letter in enumerate(identity(text))
    )
    if kept and len(kept.encode()) <= LONGEST:
        return kept
    digest = hashlib.sha256(identity(text).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    start = kept.encode()[: LONGEST - 40].decode("utf-8", "ignore")
    return f"{start}%~{digest}"


def stem(name: str) -> str:
    """`chloe` for chloe.zip and chloe.py; `ann.smith` stays, for .smith is no suffix."""
    lower = name.lower()
    for ending in (*SUFFIXES, *FOREIGN):
        if lower.endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)]
    suffix = PurePath(name).suffix.lower()
    return name[: -len(suffix)] if suffix in SINGLE else name


def in_short(names: Sequence[str], most: int = FEW) -> str:
    """The first of them, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
