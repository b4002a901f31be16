"""In which release of Java each type and member of its library was added or removed.

The table is `since.txt`, made by `ci/JavaSince.java` from what the JDK knows of every release.
Below a line `+21`, `-21` or `~21` is what that release added, removed, or has as a preview, in
lines `types: members`; types without members were added (or removed) as a whole. A member is a
field, `name(types of parameters)`, `new(…)`, or `<Type`: a supertype.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("since.txt")


@dataclass(frozen=True)
class Change:
    """A change that a release made to the library."""

    release: int
    how: str
    """`+` added, `-` removed, `~` added as a preview."""
    package: str
    parameters: tuple[str, ...] | None = None
    """Parameter types, erased and without packages, the last one perhaps `Object...`; None if it is
    no method."""

    def lacks(self, installed: int) -> bool:
        """Whether that release of Java lacks it, and another one has it."""
        return self.release <= installed if self.how == "-" else self.release > installed

    def takes(self, count: int) -> bool:
        """Whether it can be called with so many arguments."""
        if self.parameters is None:
            return True
        if self.parameters and self.parameters[-1].endswith("..."):
            return count >= len(self.parameters) - 1
        return count == len(self.parameters)


@dataclass
class JdkHistory:
    """The changes of types by name (`Thread.Builder`, and `Builder`), and of members by both."""

    types: dict[str, list[Change]] = field(default_factory=dict)
    members: dict[tuple[str, str], list[Change]] = field(default_factory=dict)

    def type(self, name: str, package: str = "") -> list[Change]:
        """The changes to a type; without `package`, to those of any package."""
        return [c for c in self.types.get(name, []) if package in ("", c.package)]

    def member(self, owner: str, name: str) -> list[Change]:
        """The changes to a method or field of a type, inherited ones included."""
        return self.members.get((owner, name), [])

    def methods(self, name: str) -> list[Change]:
        """The changes to methods of that name, in any type."""
        return [c for (_, each), found in self.members.items() if each == name for c in found]


def _overlay(known: list[Change], change: Change) -> None:
    """Adds a change; of several to the same thing, the newest counts."""
    what = (change.package, change.parameters)
    same = [c for c in known if (c.package, c.parameters) == what]
    if all(c.release < change.release for c in same):
        known[:] = [*(c for c in known if c not in same), change]


@cache
def table() -> JdkHistory:
    """The table, read once."""
    found = JdkHistory()
    how, release = "", 0
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        if line[0] in "+-~":
            how, release = line[0], int(line[1:])
            continue
        types, _, members = line.partition(":")
        for package, name in _types(types):
            for owner in {name, name.split(".")[-1]}:
                for member in members.split():
                    simple, parameters = _member(member)
                    change = Change(release, how, package, parameters)
                    _overlay(found.members.setdefault((owner, simple), []), change)
                if not members:
                    change = Change(release, how, package)
                    _overlay(found.types.setdefault(owner, []), change)
    return found


def _types(listed: str) -> Iterator[tuple[str, str]]:
    """(package, type) for `java.lang Thread Thread.Builder, java.util List`."""
    for group in listed.split(", "):
        package, *names = group.split(" ")
        yield from ((package, name) for name in names)


def _member(told: str) -> tuple[str, tuple[str, ...] | None]:
    name, opens, listed = told.partition("(")
    if not opens:
        return name, None
    return name, tuple(re.split(r",(?![^<]*>)", listed[:-1])) if listed != ")" else ()
