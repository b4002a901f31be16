"""Which Java a program has been compiled for, and which one this machine runs.

A JVM refuses class files that are newer than itself, which proves nothing against the program.
"""

from __future__ import annotations

import lzma
import os
import re
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from conformance.submissions import toolchain

MAGIC = b"\xca\xfe\xba\xbe"
FIRST = 44
"""The version of class files is Java's own, plus 44 (JVMS 4.1): Java 8 has 52."""

UNREADABLE = (
    zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError, ValueError,
    zlib.error, lzma.LZMAError,
)  # fmt: skip
"""Errors raised for a broken jar, or a file that is no jar."""


def too_new(command: Sequence[str], root: Path) -> str:
    """Why this machine's Java cannot start what `command` starts below `root`, as a sentence; "" if
    it can, if it is no Java program, or if that is unknown."""
    installed = of_java(command[0]) if Path(command[0]).name != "javac" else None
    main = _main(command[1:]) if installed is not None else None
    if installed is None or main is None:
        return ""
    versions = (_version(root / place, main[1], root) for place in main[0])
    version = next(filter(None, versions), 0)
    if version - FIRST <= installed:
        return ""
    return (
        f"it needs Java {version - FIRST} (class files of version {version});"
        f" this machine has Java {installed}"
    )


def launched_source(command: Sequence[str], root: Path) -> str:
    """The source that `java Server.java` compiles as it starts it; "" for other commands."""
    if of_java(command[0]) is None:
        return ""
    named = next((word for word in command[1:] if not word.startswith("-")), "")
    return named if named.endswith(".java") and (root / named).is_file() else ""


def of_java(word: str) -> int | None:
    """The version of the JVM or compiler that a command's first word starts: 17 for 17.0.13, 8 for
    1.8.0. None if it is neither, or its installation has no file `release`."""
    found = toolchain.installed(word)
    real = Path(os.path.realpath(found or "/"))
    if real.name not in ("java", "javac"):
        return None
    try:
        told = (real.parent.parent / "release").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    version = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', told, re.MULTILINE)
    return int(version.group(1)) if version else None


def _main(words: Sequence[str]) -> tuple[list[str], str] | None:
    """The class path, and the main class on it, "" for the one that the jar names; None if the
    command says it in another way (an argument file, a module)."""
    path = ["."]
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "-jar":
            return rest[:1], ""
        if word in ("-cp", "-classpath", "--class-path"):
            path = (rest.pop(0) if rest else "").split(":")
        elif word.startswith(("@", "-m", "--module", "-p")) or word.endswith(".java"):
            return None
        elif not word.startswith("-"):
            return path, word
    return None


def _version(place: Path, main: str, root: Path) -> int:
    """The version of the main class at a place of the class path; 0 if it is not there. The student
    wrote the command, so files outside, and pipes, are not opened."""
    jar = not place.is_dir()
    file = (place if jar else place / f"{main.replace('.', '/')}.class").resolve()
    if not file.is_file() or not file.is_relative_to(root.resolve()):
        return 0
    try:
        if jar:
            with zipfile.ZipFile(file) as opened:
                name = main or main_class(opened) or ""
                with opened.open(f"{name.replace('.', '/')}.class") as inside:
                    start = inside.read(8)
        else:
            with file.open("rb") as reader:
                start = reader.read(8)
    except (*UNREADABLE, KeyError):
        return 0
    return int.from_bytes(start[6:8], "big") if start[:4] == MAGIC and len(start) == 8 else 0


def main_class(jar: zipfile.ZipFile) -> str | None:
    """The Main-Class of a jar, None if its manifest has none. Raises one of UNREADABLE."""
    try:
        with jar.open("META-INF/MANIFEST.MF") as manifest:
            # Manifests are a page long; more than 1 MiB is not one.
            text = manifest.read(1 << 20).decode("utf-8", "replace")
    except KeyError:
        return None
    unfolded = re.sub(r"\r?\n ", "", text)  # lines longer than 72 bytes are folded
    main = re.search(r"^Main-Class:\s*(\S+)", unfolded, re.MULTILINE | re.IGNORECASE)
    return main.group(1) if main else None
