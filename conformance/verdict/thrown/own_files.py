"""Which places of a trace, or of a stack, stand in the student's own files."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

LIBRARIES = frozenset(
    {
        *("node_modules", "vendor", "site-packages", "dist-packages", ".venv", "venv"),
        *(".m2", ".gradle", ".cargo"),
    }
)
"""Folders of what others wrote, wherever they stand."""

OTHERS = ("/usr/", "/lib", "/opt/", "/rustc/", "/build/")
"""Where the system's own files lie, or lay when it was built."""

JVM = (".java", ".kt", ".scala", ".groovy")
"""Suffixes of sources of which a trace says only the name, and the package of the class."""


@dataclass(frozen=True)
class OwnPaths:
    """The files that were handed in, and where the program saw them."""

    files: Collection[str] = ()
    """Relative to what was handed in."""
    roots: Sequence[str] = ()
    """The folders at which the program had them, without a final slash."""
    folder: str = "."
    """The folder in which it was started, relative to what was handed in."""

    def find(self, path: str, package: str = "") -> str:
        """The own file that a trace means by `path`, relative to what was handed in; "" where it is
        no file of the student's. `package`: the folder of a Java class."""
        path = unquote(path.removeprefix("file://"))
        parts = path.split("/")
        if not parts[-1] or not LIBRARIES.isdisjoint(parts):
            return ""
        path = posixpath.normpath(path)
        places = list(self._places(path))
        if path.startswith("/"):
            if places:
                return places[0]
            return "" if path.startswith(OTHERS) else self._by_end(path.lstrip("/"))
        if known := self._known(places):
            return known
        if found := self._by_end(posixpath.join(package, path)):
            return found
        if path.endswith(JVM) and not any(file.endswith(JVM) for file in self.files):
            return path  # only classes were handed in
        return ""

    def at(self, path: str) -> str:
        """The own file at exactly that path, or URL, relative to what was handed in; "" where there
        is none."""
        if path.startswith("file://"):
            path = unquote(path.removeprefix("file://").partition("?")[0])
        return self._known(self._places(posixpath.normpath(path)))

    def _places(self, path: str) -> Iterator[str]:
        """What a path means, relative to what was handed in: below one of the roots, or from the
        folder in which the program was started, or from the uppermost."""
        if path.startswith("/"):
            yield from (path[len(root) + 1 :] for root in self.roots if path.startswith(f"{root}/"))
        else:
            yield posixpath.normpath(posixpath.join(self.folder, path))
            yield path

    def _known(self, places: Iterable[str]) -> str:
        return next((place for place in places if place in self.files), "")

    def _by_end(self, path: str) -> str:
        """The one own file whose name is the end of `path`, with as many folders as fit; "" where
        two fit as well."""
        name = posixpath.basename(path)
        best, found = 0, ""
        for file in self.files:
            if posixpath.basename(file) != name:
                continue
            fits = _shared_end(file, path)
            if fits == best:
                found = ""
            elif fits > best:
                best, found = fits, file
        return found

    def relative(self, text: str) -> str:
        """`text`, with the paths of own files relative to what was handed in."""
        for root in self.roots:
            text = text.replace(f"file://{root}/", "").replace(f"{root}/", "")
        return text


def _shared_end(one: str, other: str) -> int:
    """How many last parts two paths share."""
    count = 0
    for mine, theirs in zip(reversed(one.split("/")), reversed(other.split("/")), strict=False):
        if mine != theirs:
            break
        count += 1
    return count
