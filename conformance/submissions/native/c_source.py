"""What a C or C++ file contains: what it defines, what it calls, whether it listens.

This is no parser: comments and literals are blanked, the rest is cut into words, and braces are
counted. That is enough to find the server among several files, and those that belong to it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.submissions.entry import Opens, Unit

MAX_BYTES = 4 * 1024 * 1024
"""Bytes of a source that is looked at; no program of a lab is as long."""

BLANKED = re.compile(
    r'"(?:\\.|[^"\\\n])*"?'
    r"|'(?:\\.|[^'\\\n])*'?"
    r"|//[^\n]*"
    r"|/\*.*?(?:\*/|\Z)",
    re.DOTALL,
)
INCLUDED = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"', re.MULTILINE)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.)*", re.MULTILINE | re.DOTALL)
WORD = re.compile(r"\w+|[^\s\w]")

LISTENING = frozenset({"listen", "bind", "acceptor"})
KEYWORDS = frozenset({"if", "for", "while", "switch", "return", "sizeof", "defined", "catch"})
"""Words before a parenthesis that make no call."""


@dataclass(frozen=True)
class CSource:
    path: Path
    defines: frozenset[str]
    """Functions whose body it has."""
    calls: frozenset[str]
    includes: frozenset[str]
    """Other sources that it includes, by file name."""
    opens: Opens

    @property
    def starts(self) -> bool:
        return "main" in self.defines


def read(path: Path) -> CSource:
    with path.open("rb") as file:
        text = file.read(MAX_BYTES).decode("utf-8", "replace")
    included = {Path(name).name for name in INCLUDED.findall(text)}
    text = BLANKED.sub(lambda match: " " if match[0][0] == "/" else '""', text)
    words = WORD.findall(DIRECTIVE.sub(" ", text))
    defines, calls = _functions(words)
    return CSource(path, defines, calls, frozenset(included), _opens(words, calls))


def _functions(words: Sequence[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The names of the functions that are defined, and of those that are called."""
    defines, calls = set(), set()
    bodies: list[bool] = []  # for each open brace, whether it holds statements or members
    head = ""  # the function whose parameters come before this word, outside all bodies
    parentheses = 0
    for index, word in enumerate(words):
        inside = any(bodies)
        if word == "(":
            before = words[index - 1] if index else ""
            named = before.isidentifier() and before not in KEYWORDS
            if named and inside:
                calls.add(before)
            elif named and not parentheses:
                head = before
            parentheses += 1
        elif word == ")":
            parentheses = max(0, parentheses - 1)
        elif word == "{":
            if head and not inside:
                defines.add(head)
            bodies.append(not _only_groups(words, index))
            head, parentheses = "", 0
        elif word == "}":
            if bodies:
                bodies.pop()
            head, parentheses = "", 0
        elif word in (";", "=") and not inside and not parentheses:
            head = ""
    return frozenset(defines), frozenset(calls)


def _only_groups(words: Sequence[str], brace: int) -> bool:
    """Whether a brace opens `extern "C"` or a namespace, whose contents are at top level."""
    before = list(words[max(0, brace - 3) : brace])
    return before[-3:] == ["extern", '"', '"'] or "namespace" in before[-2:]


def _opens(words: Sequence[str], calls: frozenset[str]) -> Opens:
    for index, word in enumerate(words):
        if word in LISTENING and (word in calls or word == "acceptor"):
            standard = list(words[max(0, index - 3) : index]) == ["std", ":", ":"]
            if not standard:  # std::bind binds no socket
                return Opens.LISTENING
    return Opens.ANY if "socket" in calls else Opens.NOTHING


def units(sources: Sequence[CSource], root: Path) -> list[Unit]:
    """The files as units: each uses those without `main` that define what it calls."""
    names = {source.path: source.path.relative_to(root).as_posix() for source in sources}
    found = []
    for source in sources:
        others = [each for each in sources if each is not source and not each.starts]
        used = frozenset(
            names[other.path]
            for other in others
            if other.defines & source.calls or other.path.name in source.includes
        )
        found.append(Unit(names[source.path], source.path, source.starts, source.opens, used))
    return found


def belonging(chosen: CSource, sources: Sequence[CSource], used: frozenset[str]) -> list[Path]:
    """The files to compile for the program that starts in `chosen`: those in `used` (file names),
    and all others that have no `main` and define nothing twice."""
    taken = [chosen]
    helpers = [source for source in sources if source is not chosen and not source.starts]
    included = {name for source in sources for name in source.includes}
    for source in sorted(helpers, key=lambda source: str(source.path) not in used):
        twice = any(source.defines & other.defines for other in taken)
        if source.path.name not in included and not (twice and str(source.path) not in used):
            taken.append(source)
    return sorted(source.path for source in taken)
