"""Reads the texts of a submission, in whatever encoding an editor has written them.

A byte order mark tells UTF-8 (Notepad) or UTF-16 (PowerShell). Without one, UTF-8 is tried, then
windows-1252, then ISO-8859-1, because windows-1252 defines only 251 bytes.
"""

from __future__ import annotations

import codecs
from collections.abc import Collection, Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

from conformance.verdict.model import WrongCall

MANIFEST = 1 << 20
"""Bytes of a file that says how a program is built or started; such files are a page long."""
SOURCE = 4 << 20
"""Bytes of a source that is searched: a larger one is generated (a bundle, a table)."""
NAMES_SHOWN = 5
"""Names that a note lists."""
FETCHED = {"node_modules", ".venv", "target"}
"""Folders with other people's code."""


class Encoding(StrEnum):
    UTF_8 = "UTF-8"
    MARKED = "UTF-8 with a byte order mark"
    UTF_16 = "UTF-16"
    UTF_32 = "UTF-32"
    WINDOWS = "windows-1252"
    LATIN = "ISO-8859-1"


WIDE = frozenset({Encoding.UTF_16, Encoding.UTF_32})
"""Encodings that no compiler or interpreter accepts by default."""
BUT_WIDE = frozenset(Encoding) - WIDE

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", Encoding.MARKED),
    (codecs.BOM_UTF32_LE, "utf-32", Encoding.UTF_32),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32", Encoding.UTF_32),
    (codecs.BOM_UTF16_LE, "utf-16", Encoding.UTF_16),
    (codecs.BOM_UTF16_BE, "utf-16", Encoding.UTF_16),
)


def decoded(content: bytes) -> tuple[str, Encoding]:
    """The text without its mark, and its encoding; U+FFFD for what contradicts the mark."""
    for mark, codec, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(codec, "replace"), encoding
    for encoding in (Encoding.UTF_8, Encoding.WINDOWS):
        with suppress(UnicodeDecodeError):
            return content.decode(encoding), encoding
    return content.decode("iso-8859-1"), Encoding.LATIN


def manifest(path: Path, name: str = "", *, most: int = MANIFEST) -> tuple[str, str]:
    """The text of a file that says how a program is built or started, and a note, "" for plain
    UTF-8. `name`: instead of its own. Raises WrongCall beyond `most` bytes; OSError."""
    name = name or path.name
    with path.open("rb") as reader:
        content = reader.read(most + 1)
    if len(content) > most:
        raise WrongCall(f"{name} is larger than {most >> 10} KiB: too large for such a file")
    text, encoding = decoded(content)
    return text, "" if encoding is Encoding.UTF_8 else f"{name} is in {encoding}, and was read so"


def source(path: Path) -> str:
    """The text of a source; "" if it is too large. Raises OSError."""
    return "" if path.stat().st_size > SOURCE else decoded(path.read_bytes())[0]


def own_files(root: Path, pattern: str = "*") -> list[Path]:
    """The files with such a name that are the student's own, not a library's or a build's."""
    found = (path for path in root.rglob(pattern) if path.is_file())
    return sorted(path for path in found if not FETCHED & {*path.parts})


def is_file(path: Path) -> bool:
    """Whether there is such a file; False for a name that no file can have."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def recode(
    paths: Sequence[Path],
    root: Path,
    *,
    legible: Collection[Encoding] = BUT_WIDE,
    into: str = "UTF-8",
    done: str = "read",
) -> str:
    """Rewrites those files of our copy whose encoding is not `legible` to the tool that reads
    them; returns a note, "" if there were none. A team's files may differ from one another.
    `into`: the new encoding, unless it cannot express a file. `done`: the verb for the note."""
    own = [path for path in paths if path.is_file() and not path.is_symlink()]
    written: dict[Path, Encoding] = {}
    for path in own:
        if path.stat().st_size > SOURCE:
            continue
        text, encoding = decoded(path.read_bytes())
        if encoding not in legible:
            with suppress(UnicodeEncodeError, LookupError):
                path.write_bytes(text.encode(into))
                written[path] = encoding
    marked = [path for path, encoding in written.items() if encoding is Encoding.MARKED]
    others = {path: encoding for path, encoding in written.items() if path not in marked}
    notes = []
    if marked:
        notes.append(f"a byte order mark was left out of {_names(marked, root)}")
    encodings = " and ".join(sorted(set(others.values())))
    if others and len(others) == len(own):
        notes.append(f"its sources are not UTF-8: {done} as {encodings}")
    elif others:
        notes.append(f"not in UTF-8, {done} as {encodings}: {_names(list(others), root)}")
    return "; ".join(notes)


def _names(paths: Sequence[Path], root: Path) -> str:
    names = [str(path.relative_to(root)) for path in paths]
    return ", ".join(names[:NAMES_SHOWN]) + (", …" if len(names) > NAMES_SHOWN else "")
