"""What a submission needs to be built and to run, and this machine lacks.

Every answer rests on what was handed in and on what this machine has; the output of a build or a
program only shows which lack mattered.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from conformance.submissions import declared, missing, toolchain
from conformance.submissions.java import class_files, javac_output
from conformance.submissions.java import newer as java_newer
from conformance.submissions.java import tree as java_tree
from conformance.submissions.java.version import of_java
from conformance.submissions.lacking import Lack
from conformance.submissions.python import newer as python_newer

ELF = b"\x7fELF"
MAX_PROGRAM_BYTES = 64 << 20
"""Bytes of a program that is looked at."""
LATE_MAIN = 25
"""The release that starts a main method which is not static, or takes nothing."""
MAX_LACKS = 500
"""Lacks kept for a program; more only means that whole libraries were handed in."""

VERSION_MAY = {
    "Python": r"\b(SyntaxError|IndentationError|ImportError|AttributeError|TypeError)\b",
    "Node": r"\b(SyntaxError|TypeError|ReferenceError|ERR_[A-Z_]+)\b",
}
"""What the wrong version of an interpreter may print about a correct program."""

SHEBANG = re.compile(r"#!\s*(?P<path>/\S+)")
WINDOW = re.compile(r"\bimport\s+(static\s+)?(java\.awt|javax\.swing)\b")
BUILT_IN = re.compile(r"\bnode:[a-z_/]+\b")
NEWER_BUILT_INS = {"node:sqlite": 22, "node:sea": 20, "node:test": 18, "node:quic": 26}


def of_build(output: str, status: int, root: Path) -> str:
    """Why what is below `root` cannot be built on this machine, as a sentence; "" if any part of
    the output is the program's own fault. `status`: how the build ended."""
    text = javac_output.ANSI.sub("", output)
    java = bool(javac_output.read(text))
    c = any(map(missing.ERROR.search, text.split("\n")))
    told = []
    if java:
        told.append(java_newer.explanation(text, root, of_java("javac") or 0))
    if c or not java:
        told.append(missing.explanation(text, status, root))
    return "; ".join(told) if all(told) else ""


def declared_otherwise(root: Path) -> str:
    """The versions that were asked for and this machine does not have, as a sentence."""
    return "; ".join(dict.fromkeys(map(str, declared.mismatches(root)[:3])))


def of_program(root: Path, command: Sequence[str], folder: str = ".") -> tuple[Lack, ...]:
    """What the program that `command` starts in `folder` may miss on this machine."""
    try:
        return tuple(islice(_all(root, command, folder), MAX_LACKS))
    except (OSError, RecursionError):  # folders that cannot be walked: nothing is known
        return ()


def _all(root: Path, command: Sequence[str], folder: str) -> Iterator[Lack]:
    names = {path.suffix for path in root.rglob("*") if path.is_file()}
    if ".py" in names:
        version = declared.python_version(_interpreter(command))
        if found := re.match(r"(\d+)\.(\d+)", version):
            yield from python_newer.lacks(root, (int(found[1]), int(found[2])))
    java = of_java("java")
    if java and names & {".jar", ".class", ".java"}:
        yield from class_files.lacks(root, java)
        yield from _of_java_sources(root, java)
    if names & {".js", ".mjs", ".cjs"}:
        yield from _of_node(root)
    yield from _of_files(root, command, folder)
    for each in declared.mismatches(root):
        if each.tool in VERSION_MAY:
            yield Lack(VERSION_MAY[each.tool], str(each), at_start=True)


def _interpreter(command: Sequence[str]) -> str:
    """The Python that the command starts, if it is one of this machine."""
    named = Path(command[0]).name.startswith("python")
    found = toolchain.installed(command[0]) if named and not command[0].startswith(".") else None
    return str(found) if found and found.is_absolute() else ""


def _of_java_sources(root: Path, installed: int) -> Iterator[Lack]:
    """A main method that a later Java starts, and a window."""
    sources = [java_tree.Source(path) for path in java_tree.readable(root)]
    if installed < LATE_MAIN and any(source.late_mains for source in sources):
        reason = java_newer.Reason(LATE_MAIN, "a main method that is not static, or takes nothing")
        said = "Main method (is not static|not found) in class"
        yield Lack(said, java_newer.sentence([reason], installed))
    if any(WINDOW.search(source.text) for source in sources):
        yield Lack(class_files.NO_DISPLAY, class_files.WINDOW_SENTENCE)


def _of_node(root: Path) -> Iterator[Lack]:
    version = int(declared.node_version().split(".")[0] or 0)
    asked = {name for text in missing.texts(root) for name in BUILT_IN.findall(text)}
    for name in sorted(asked & set(NEWER_BUILT_INS)):
        if NEWER_BUILT_INS[name] > version:
            yield Lack(
                rf"No such built-in module: {re.escape(name)}",
                f"it needs Node {NEWER_BUILT_INS[name]} or later ({name}); this machine has Node"
                f" {version}",
            )


def _of_files(root: Path, command: Sequence[str], folder: str) -> Iterator[Lack]:
    """The libraries that a compiled program was linked with, the tools that a script calls."""
    for word in command:
        path = root / folder / word
        own = not os.path.isabs(word) and path.is_file()
        content = path.read_bytes() if own and path.stat().st_size <= MAX_PROGRAM_BYTES else b""
        if content.startswith(ELF):
            yield from _of_libraries(content)
        elif content.startswith(b"#!") or path.suffix == ".sh":
            yield from _of_script(content.decode("utf-8", "replace"), root, word)


def _of_libraries(content: bytes) -> Iterator[Lack]:
    for name in sorted(set(re.findall(rb"lib[\w+.-]{1,100}\.so(?:\.[\d.]{1,30})?", content)))[:100]:
        library = name.decode()
        yield Lack(
            rf"error while loading shared libraries: {re.escape(library)}: cannot open",
            f"it was linked with {library}, which this machine does not have: install it, or hand"
            " in the sources",
        )
    for name in sorted(set(re.findall(rb"GLIBC(?:XX)?_\d+\.\d+(?:\.\d+)?", content))):
        version = name.decode()
        yield Lack(
            rf"version `{re.escape(version)}' not found",
            f"it was linked on a newer system ({version}) than this machine: hand in the sources",
        )


def _of_script(text: str, root: Path, word: str) -> Iterator[Lack]:
    first = SHEBANG.match(text)
    interpreter = Path(first["path"]).name if first else ""
    for name in sorted(set(re.findall(r"(?<![\w.+-])[a-z][\w.+-]*", text))):
        if sentence := missing.of_tool(name, root, called=True):
            plain = re.escape(name)
            said = rf"\b{plain}: (command )?not found|env: ['‘]{plain}['’]: No such file"
            if name == interpreter:
                said += rf"|^\w+: .*\b{re.escape(Path(word).name)}['’]?: No such file"
            yield Lack(said, sentence)
