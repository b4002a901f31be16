"""The sources of one hand-in, as far as they are compared. Whoever wrote them may have meant harm:
they are read in a process of its own, and bounded."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from conformance.classes.alike.tokens import language_of, tokens_of
from conformance.submissions import read_all
from conformance.submissions.apart import Raised, Step
from conformance.submissions.texts import decoded, own_files
from conformance.verdict.transcript import shorten

MAX_FILE = 256 * 1024
"""Bytes of a source: what is larger was generated."""
MAX_BYTES = 2 * 1024 * 1024
"""Bytes of all sources of a hand-in."""
MAX_TOKENS = 60_000
"""Tokens of a hand-in: a lab's server has two thousand, a framework that was handed in with it may
have millions."""
MAX_LINE = 400
"""Characters of a line that are kept to be shown."""
READ_WITHIN = 10.0
"""Seconds for one hand-in, whose own sources take a tenth of one."""


@dataclass(frozen=True)
class SourceFile:
    """A source that is compared."""

    name: str
    """Its path in the hand-in."""
    language: str
    first: int
    """Index of its first token among those of the hand-in."""
    text: tuple[str, ...] = field(repr=False)
    """Its lines."""


@dataclass(frozen=True)
class Sources:
    """One hand-in, or a reference, to be compared."""

    name: str
    """Whose it is."""
    files: tuple[SourceFile, ...] = ()
    kinds: array[int] = field(default_factory=lambda: array("I"), repr=False)
    """The tokens of all files, one after another."""
    lines: array[int] = field(default_factory=lambda: array("I"), repr=False)
    """The line of each token, in its file."""
    is_reference: bool = False
    trouble: str = ""
    """Why nothing of it is compared."""
    remark: str = ""
    """What of it is not compared; "" if all is."""
    person: str = ""
    """The person's name, or those of a group; "" if not known."""

    def file_of(self, token: int) -> SourceFile:
        """The file that holds this token."""
        return next(file for file in reversed(self.files) if file.first <= token)


def read_works(
    named: Sequence[tuple[str, Path]], scratch: Path, *, references: bool = False
) -> Iterator[Sources]:
    """The works of these names and paths, in their order."""
    step = Step("it could not be read", READ_WITHIN)
    reads = [partial(_read, name, references) for name, _ in named]
    outcomes = read_all([path for _, path in named], scratch, reads, step)
    for (name, _), outcome in zip(named, outcomes, strict=True):
        if isinstance(outcome, Raised):
            yield Sources(name, is_reference=references, trouble=str(outcome.error))
        else:
            yield outcome


def _read(name: str, is_reference: bool, folder: Path) -> Sources:
    """The sources in a folder. Runs in a process of its own."""
    files: list[SourceFile] = []
    kinds, lines = array("I"), array("I")
    left_out: list[str] = []
    room = MAX_BYTES
    for path in own_files(folder):
        place = str(path.relative_to(folder))
        language = language_of(path.name)
        if not language or path.is_symlink():
            continue
        size = path.stat().st_size
        if size > min(MAX_FILE, room) or len(kinds) >= MAX_TOKENS:
            left_out.append(place)
            continue
        room -= size
        text, _ = decoded(path.read_bytes())
        found = tokens_of(text, language, MAX_TOKENS - len(kinds))
        rows = tuple(shorten(row, MAX_LINE) for row in text.split("\n"))
        files.append(SourceFile(place, language, len(kinds), rows))
        kinds.extend(found.kinds)
        lines.extend(found.lines)
    remark = f"too large to be compared: {', '.join(left_out[:5])}" if left_out else ""
    trouble = "" if kinds else remark or "it holds no source in Python, Java, JavaScript or C"
    return Sources(name, tuple(files), kinds, lines, is_reference, trouble, remark)
