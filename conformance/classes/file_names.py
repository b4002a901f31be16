"""What names of entries say about their authors, and how names are compared. Pure.

- Course sites have patterns of their own: see `sites`.
- GitHub: a clone for each, `lab-echo-annsmith/`; those of an assignment begin alike.
- Gradescope: `submission_123456789/`; submission_metadata.yml names its authors.
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
"""The file in which Gradescope says whose each submission is."""

SOURCES = frozenset(
    {".py", ".java", ".jar", ".js", ".mjs", ".cjs", ".ts", ".c", ".cc", ".cpp", ".go", ".rs", ".sh"}
)

SINGLE = SOURCES | {".pdf", ".txt", ".md", ".docx", ".html", ".odt", ".png", ".jpg"}
"""Suffixes of students' files. In other names, what follows a dot is part of the id."""

NO_ENTRIES = frozenset({METADATA, "class.toml"})
NAMES_SHOWN = 5
"""Names listed in a sentence before it says how many more there are."""

MAX_NAME_BYTES = 100
"""Bytes of a safe name. File systems allow 255, and a suffix is added."""

_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "o", "ł": "l", "đ": "d"})


@dataclass(frozen=True)
class Author:
    """An author, as a course site names them."""

    id: str
    name: str = ""


@dataclass(frozen=True)
class Name:
    """What the name of an entry says."""

    author: Author
    site: str = ""
    """"Moodle", "Canvas", …; "" if it is of no site."""
    late: bool = False
    """Whether the site marks it as late, without a time."""
    number: int = 0
    """Number of the file: of several by one student, the highest came last."""
    file: str = ""
    """The file's own name, without what the site adds to it for a repeated hand-in."""
    no_file: str = ""
    """What was handed in instead of a file ("a text", "a link"); else ""."""
    receipt: bool = False
    """Whether it is the site's receipt, and no hand-in."""
    attempt: str = ""
    """When it was handed in, as a text that sorts, if the site exports each attempt."""
    head: str = field(default="", compare=False)
    """The part of Blackboard's name before the attempt: the assignment and the login."""
    folder: str = field(default="", compare=False)
    """The name for a folder into which a teacher puts several files of one hand-in."""


def is_entry(name: str) -> bool:
    """Whether an entry may have this name."""
    return not (
        name.startswith(".")
        or name in CLUTTER
        or is_leftover(name)
        or is_leftover(name, folder=True)
        or name in NO_ENTRIES
        or name.lower().endswith(".csv")
    )


def prefixes(names: Collection[str]) -> Iterator[str]:
    """Prefixes that all clones of an assignment have in common, the longest first.

    They end at a dash, and leave a part of every name.
    """
    first = min(names, default="")
    for end in range(len(first) - 1, 0, -1):
        start = first[:end]
        if start[-1] == "-" and all(n.startswith(start) and len(n) > end for n in names):
            yield start


def prefix_of_lab(names: Collection[str], labs: Collection[str]) -> str:
    """The common prefix of plain folders if a lab's name is in it, such as `lab-echo-`.

    With only two names it ends with the lab's name: the rest may be a first name that both share.
    """
    words = {word for lab in labs for word in lab_word(lab).split("-")}
    found = [start for start in prefixes(names) if words & {*lab_word(start).split("-")}]
    if len(names) < 2 or not found:
        return ""
    return found[0] if len(names) > 2 else found[-1]


def identity(text: str) -> str:
    """An id or a name in its stored form: NFC, with single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def same(text: str) -> str:
    """The form in which ids are compared: `Ann` and `ann` are one person."""
    return unicodedata.normalize("NFC", identity(text).casefold())


def lab_word(text: str) -> str:
    """The form in which names of labs are compared: `Streaming_Time` is `streaming time`."""
    return re.sub(r"[\s_-]+", "-", same(text))


def spellings(name: str) -> set[str]:
    """A person's name as sites may write it, starting with any of its words: `annsmith` and
    `smithann` for "Ann Smith" and for "Smith, Ann"."""
    words = [squeezed(word) for word in re.split(r"[\s,_]+", name)]
    words = [word for word in words if word]
    return {"".join(words[i:] + words[:i]) for i in range(len(words))}


def squeezed(name: str) -> str:
    """The letters and digits of a name, in lower case."""
    plain = unicodedata.normalize("NFC", name).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


def folded(name: str) -> set[str]:
    """A name's letters and digits as they may be written without accents: `muller`, `mueller`.
    Forms that lose letters are left out."""
    plain = squeezed(name)
    bare = unicodedata.normalize("NFKD", plain)
    written = {
        "".join(letter for letter in some if letter.isascii())
        for some in (bare, unicodedata.normalize("NFKD", plain.translate(_LETTERS)))
    }
    return {some for some in written if some and len(some) >= len(plain)}


def readable(name: str) -> str:
    """A file's name as valid text: bytes that are no UTF-8 are replaced."""
    return os.fsencode(name).decode("utf-8", "replace")


def safe_name(text: str) -> str:
    """A file name for the student with this id. Different ids have different names.

    It keeps letters, digits and `_`, and `.` and `-` except at the start; all else becomes %XX, as
    in a URL. A long name is cut, and ends in `%~` and a digest.
    """
    kept = "".join(
        letter
        if letter.isalnum() or letter == "_" or (letter in ".-" and place)
        else "".join(f"%{byte:02X}" for byte in letter.encode("utf-8", "surrogatepass"))
        for place, letter in enumerate(identity(text))
    )
    if kept and len(kept.encode()) <= MAX_NAME_BYTES:
        return kept
    digest = hashlib.sha256(identity(text).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    start = kept.encode()[: MAX_NAME_BYTES - 40].decode("utf-8", "ignore")
    return f"{start}%~{digest}"


def stem(name: str) -> str:
    """The name without its suffix: `chloe` for chloe.zip; but `ann.smith` stays as it is."""
    lower = name.lower()
    for ending in (*SUFFIXES, *FOREIGN):
        if lower.endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)]
    suffix = PurePath(name).suffix.lower()
    return name[: -len(suffix)] if suffix in SINGLE else name


def in_short(names: Sequence[str], most: int = NAMES_SHOWN) -> str:
    """The first `most` names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
