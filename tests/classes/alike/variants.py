"""A program of the sample class, as somebody might hand it in once more: under other names, in
another order, with other comments, with statements in between."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from conformance.classes.alike.compare import LabComparison, compare
from conformance.classes.alike.sources import Sources, read_works

SAMPLES = Path(__file__).parents[3] / "student_submissions"

PROGRAMS: Mapping[str, Path] = {
    "python": SAMPLES / "alice.py",
    "java": SAMPLES / "hugo.java",
    "javascript": SAMPLES / "emma/src/index.js",
    "c": SAMPLES / "farid/session.c",
}

Variant = Callable[[str, str], str]
"""Of a text in a language."""

WORDS = frozenset(
    {
        *("client", "clients", "lines", "line", "text", "server", "address", "handle", "safely"),
        *("socket", "reader", "writer", "listener", "pool", "work", "done", "leave", "counter"),
        *("goodbye", "buffer", "used", "length", "session", "reply"),
    }
)


def renamed(text: str, language: str) -> str:
    return re.sub(r"\b[a-z]+\b", lambda w: f"my_{w[0]}" if w[0] in WORDS else w[0], text)


def explained(text: str, language: str) -> str:
    """With a comment of its own on each third line, and none of those that were there."""
    sign = "#" if language == "python" else "//"
    lines = [line for line in text.split("\n") if not line.strip().startswith(sign)]
    return "".join(
        f"{line}{f'  {sign} now comes number {n}' if n % 3 == 0 and line.strip() else ''}\n"
        for n, line in enumerate(lines)
    )


def laid_out(text: str, language: str) -> str:
    """With twice the indent, and empty lines."""
    return "".join(
        f"{' ' * (len(line) - len(line.lstrip()))}{line}\n{'' if n % 4 else chr(10)}"
        for n, line in enumerate(text.split("\n"))
    )


def padded(text: str, language: str) -> str:
    """With a good deal of its own at the end."""
    more = {
        "python": "def extra{n}(a, b):\n    return [a * {n} for each in range(b) if each != {n}]\n",
        "java": "class Extra{n} {{ int of(int a) {{ return a < {n} ? a * {n} : {n} - a; }} }}\n",
        "javascript": "const extra{n} = (a, b) => [a, b].map((each) => each * {n} + a);\n",
        "c": "int extra{n}(int a) {{ while (a < {n}) a += a * 2 + 1; return a; }}\n",
    }[language]
    return text + "".join(more.format(n=n) for n in range(3))


VARIANTS: Sequence[Variant] = (renamed, explained, laid_out, padded)


def works_of(folder: Path, programs: Mapping[str, str | bytes]) -> list[Sources]:
    """The works of these files, by their names; each is called like its file, without the end."""
    handed_in, scratch = folder / "handed-in", folder / "scratch"
    handed_in.mkdir()
    scratch.mkdir()
    for name, text in programs.items():
        content = text.encode() if isinstance(text, str) else text
        (handed_in / name).write_bytes(content)
    named = [(Path(name).stem, handed_in / name) for name in programs]
    return list(read_works(named, scratch))


def compared(folder: Path, programs: Mapping[str, str | bytes]) -> LabComparison:
    return compare("echo", works_of(folder, programs))


def names(comparison: LabComparison) -> list[tuple[str, str]]:
    return [(pair.one.name, pair.other.name) for pair in comparison.pairs]
