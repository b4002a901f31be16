"""The Java sources of a hand-in, and what names in them mean: something of the student's own, or of
Java's library."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from conformance.submissions import texts
from conformance.submissions.java.javac_output import JavacError, erased
from conformance.submissions.java.since import Change, table
from conformance.submissions.java.syntax import Syntax

TAB = 8
"""Columns that javac counts for a tab."""
MAX_SOURCES_BYTES = 1 << 21
"""Bytes of all sources that are looked at."""
FX = "javafx."
MAIN = re.compile(r"\bvoid\s+main\s*\(")


def readable(root: Path) -> list[Path]:
    """The sources below a folder, as many as are looked at."""
    found, room = [], MAX_SOURCES_BYTES
    for path in sorted(path for path in root.rglob("*.java") if path.is_file()):
        room -= path.stat().st_size
        if room >= 0:
            found.append(path)
    return found


class Source:
    def __init__(self, path: Path) -> None:
        text = texts.source(path)
        self.text = re.sub(r"\r\n?", "\n", text)
        self.lines = self.text.split("\n")

    @cached_property
    def syntax(self) -> Syntax:
        return Syntax(self.text)

    def line(self, number: int) -> str:
        """A line, from 1; "" where there is none."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def column(self, error: JavacError) -> int:
        """The column of an error, in characters from 0."""
        if not error.expanded:
            return error.column
        at = 0
        for index, sign in enumerate(self.line(error.line)):
            if at >= error.column:
                return index
            at = at // TAB * TAB + TAB if sign == "\t" else at + 1
        return -1

    @property
    def late_mains(self) -> list[str]:
        """See `Syntax`; most sources have no main method at all."""
        return self.syntax.late_mains if MAIN.search(self.text) else []

    def imports(self, package: str, name: str) -> bool:
        """Whether a simple name can mean the type of that package, judging by the imports."""
        if package == "java.lang" or (package.startswith("java.") and self.syntax.compact):
            return True
        whole = re.escape(package)
        named = rf"(static\s+)?{whole}\.(\*|{re.escape(name)}\b)"
        return re.search(rf"\bimport\s+(module\s|{named})", self.text) is not None

    def from_fx(self, name: str) -> bool:
        """Whether a name is, or can be, imported from JavaFX."""
        named = rf"\bimport\s+(static\s+)?{re.escape(FX)}[\w.]*\.(\*|{re.escape(name)})\s*;"
        return re.search(named, self.text) is not None

    def static_imports(self) -> list[tuple[str, str, str]]:
        """(package, type, name or `*`) of everything that is imported statically."""
        return re.findall(r"\bimport\s+static\s+([a-z_][\w.]*)\.([A-Z]\w*)\.(\w+|\*)", self.text)


class JavaTree:
    """All sources below a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._paths = set(readable(root))
        self._read: dict[Path, Source] = {}

    def source(self, told: str) -> Source | None:
        """The source that a compiler names, whatever folder it was compiled in."""
        parts = [part for part in told.split("/") if part not in ("", ".")]
        for start in range(len(parts)):
            path = self._root.joinpath(*parts[start:])
            if path in self._paths:
                return self._source(path)
        return None

    def _source(self, path: Path) -> Source:
        if path not in self._read:
            self._read[path] = Source(path)
        return self._read[path]

    @cached_property
    def own(self) -> dict[str, set[str]]:
        """The types that are declared here, by simple name, and what they extend."""
        own: dict[str, set[str]] = {}
        for path in sorted(self._paths):
            for declared in self._source(path).syntax.types:
                own.setdefault(declared.name, set()).update(map(erased, declared.above))
        return own

    @cached_property
    def methods(self) -> set[str]:
        """The names of the methods that are declared here."""
        return {name for path in self._paths for name in self._source(path).syntax.methods}

    def library(self, type_: str) -> Iterator[str]:
        """The library's types that a type is: itself, or those that the student's type extends."""
        queue, seen = [type_], set()
        while queue:
            each = queue.pop()
            if each in seen:
                continue
            seen.add(each)
            if each in self.own:
                queue += self.own[each]
            else:
                yield each

    def changes_of(self, name: str, source: Source) -> list[Change]:
        """The changes to the library's type that a name in a source can mean."""
        if name in self.own:
            return []
        return [c for c in table().type(name) if source.imports(c.package, name)]
