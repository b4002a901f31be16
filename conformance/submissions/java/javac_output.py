"""The errors of javac, read from its own output or from Maven's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

ERROR = re.compile(r"^(?P<file>\S.*\.java):(?P<line>\d+): error: (?P<message>.*)$")
IN_MAVEN = re.compile(
    r"^\[ERROR\] (?P<file>/.*\.java):\[(?P<line>\d+),(?P<column>\d+)\] (?P<message>.*)$"
)
MAX_COLUMNS = 2_000
"""Characters of a line that are looked at: javac prints no longer type."""
CARET = re.compile(r"^\s*\^\s*$")
COUNTED = re.compile(
    r"^(\[\w+\] )?\d+ (error|warning)s?\b|^Note: |^\[INFO\]|^\[ERROR\] (->|/|Failed|$)"
)
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
PACKAGES = re.compile(r"(?<![\w.])(?:[a-z_]\w*\.)+(?=[A-Z])")
SYMBOL = re.compile(r"^\s*symbol:\s+(?P<kind>\w+) (?P<name>[\w$]+)(?:\((?P<arguments>.*)\))?")
LOCATION = re.compile(
    r"^\s*location: (?:(?:variable|class|interface|enum|record|@interface) (?:\w+ of type )?"
    r"(?P<type>\S.*)|package (?P<package>[\w.]+))"
)


@dataclass(frozen=True)
class JavacError:
    """One error, and the lines that belong to it."""

    file: str
    line: int
    """From 1."""
    column: int
    """From 0; -1 if javac did not say."""
    message: str
    details: tuple[str, ...] = ()
    """The lines after it, without the source line and its caret."""
    expanded: bool = False
    """Whether a tab counts for up to eight columns, as in Maven's output."""

    @property
    def symbol(self) -> tuple[str, str, int] | None:
        """What cannot be found: its kind (class, method, variable), its name, and the number of
        arguments of the call (-1: none)."""
        for line in self.details:
            if found := SYMBOL.match(line):
                listed = found["arguments"]
                count = -1 if listed is None else len(split(listed))
                return found["kind"], found["name"], count
        return None

    @property
    def location(self) -> tuple[str, str]:
        """Where it was looked for: a type, without packages and type arguments, or a package."""
        for line in self.details:
            if found := LOCATION.match(line):
                return erased(found["type"] or ""), found["package"] or ""
        return "", ""


def read(output: str) -> list[JavacError]:
    """The errors in order, without repeats."""
    lines = ANSI.sub("", output).replace("\r", "").split("\n")
    return list(dict.fromkeys(_errors([line[:MAX_COLUMNS] for line in lines])))


def _errors(lines: list[str]) -> Iterator[JavacError]:
    heads = [(n, ERROR.match(line) or IN_MAVEN.match(line)) for n, line in enumerate(lines)]
    starts = [(n, head) for n, head in heads if head]
    for index, (number, head) in enumerate(starts):
        end = starts[index + 1][0] if index + 1 < len(starts) else len(lines)
        block = lines[number + 1 : end]
        stop = next((n for n, line in enumerate(block) if COUNTED.match(line)), len(block))
        block = [line.removeprefix("[ERROR]") for line in block[:stop]]
        column = int(head.groupdict().get("column") or 0) - 1
        details = []
        for at, line in enumerate(block):
            if CARET.match(line):
                column = line.index("^")
            elif not any(map(CARET.match, block[at + 1 : at + 2])):
                details.append(line)
        told = tuple(line for line in details if line.strip())
        yield JavacError(
            head["file"], int(head["line"]), column, head["message"], told,
            expanded=head.re is IN_MAVEN,
        )  # fmt: skip


def erased(type_: str) -> str:
    """A type without its packages and type arguments: `Map.Entry` for
    `java.util.Map<String,Integer>.Entry<K>`."""
    plain = type_
    while (inner := re.sub(r"<[^<>]*>", "", plain)) != plain:
        plain = inner
    return PACKAGES.sub("", plain).strip()


def split(listed: str) -> list[str]:
    """Arguments or types, split at commas outside brackets."""
    parts, depth, part = [], 0, ""
    for sign in listed.replace("->", "  "):
        depth += (sign in "(<[{") - (sign in ")>]}")
        if sign == "," and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += sign
    return [*parts, part] if listed.strip() else []
