"""The student's own files: which frame of a stack is in one, and the text of its line.

Frames are named by the program, so nothing outside what was handed in is ever opened.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from conformance.session.stood.stack import Frame
from conformance.verdict.thrown.own_files import OwnPaths

MAX_BYTES = 1_000_000
"""Of a source file: longer ones are generated."""

_PACKAGE = re.compile(rb"^[ \t]*package[ \t]+([A-Za-z_$][\w.$]{0,200})[ \t]*;?", re.M)

MAX_SOURCE = 200
"""Characters kept of a line."""


class OwnFiles:
    def __init__(self, directory: Path, paths: OwnPaths) -> None:
        """`directory`: what was handed in, and built. `paths`: the files in it, and where the
        program sees its copy of them."""
        self._directory = directory
        self._paths = paths

    def innermost(self, frames: Iterable[Frame]) -> tuple[str, int, str]:
        """The innermost frame in one of these files: its path below what was handed in, its line
        and the text of that; nothing where there is none."""
        for frame in frames:
            if name := self._own(frame):
                return name, frame.line, self._source(name, frame.line)
        return "", 0, ""

    def _own(self, frame: Frame) -> str:
        if frame.file.endswith((".java", ".kt")) and "/" not in frame.file:
            return self._of_class(frame)
        return self._paths.at(frame.file)

    def _of_class(self, frame: Frame) -> str:
        """The source of a Java class, which is known by its package and its bare name."""
        for name in self._by_name.get(frame.file, ()):
            declared = _PACKAGE.search(self._text(name))
            if (declared[1].decode() if declared else "") == frame.package:
                return name
        return ""

    @cached_property
    def _by_name(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name in sorted(self._paths.files):
            found.setdefault(os.path.basename(name), []).append(name)
        return found

    def _source(self, name: str, line: int) -> str:
        lines = self._text(name).split(b"\n")
        if 1 <= line <= len(lines):
            return lines[line - 1].decode("utf-8", "backslashreplace").strip()[:MAX_SOURCE]
        return ""

    def _text(self, name: str) -> bytes:
        with suppress(OSError):
            flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
            with open(os.open(self._directory / name, flags), "rb") as file:
                if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    return file.read(MAX_BYTES)
        return b""
