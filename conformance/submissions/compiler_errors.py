"""The first errors of a build, out of pages of output: javac, Maven, gcc, npm, pip."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from textwrap import dedent

from conformance.submissions import texts
from conformance.submissions.java.javac_output import ANSI

MAX_ERRORS = 4
"""Later errors mostly follow from the first ones."""
MAX_LINES = 8
"""Lines in all, as many as a report shows of one text."""
MAX_COLUMNS = 300
"""Characters of a line that are shown: Maven puts whole class paths on one."""

PAGE = 70
"""Columns of a source line: a longer one is wrapped, and its caret points at nothing."""

HEAD = re.compile(r"^\S.*\.java:\d+: error: |^\S+:\d+(:\d+)?: (fatal )?error: ")
CARET = re.compile(r"^[\s|]*~*\^[~^ ]*$")
ERRORS = re.compile(
    r"^\S.*\.java:\d+: error: "  # javac
    r"|^error: "
    r"|^\[ERROR\] "  # Maven
    r"|^\S+:\d+(:\d+)?: (fatal )?error: "  # gcc, clang
    r"|: undefined reference to |^collect2: error|: multiple definition of "
    r"|^make(\[\d+\])?: \*\*\* "
    r"|^npm (ERR!|error) "
    r"|^ERROR: "  # pip
    r"|^\w*(Error|Exception): "  # the last line of a traceback
)
NOISE = re.compile(
    r"^\[ERROR\] (COMPILATION ERROR|Failed to execute goal|To see the full|Re-run Maven"
    r"|For more information|\[Help|After correcting|  ?mvn |-> \[Help|\s*$)"
    r"|^npm (ERR!|error) (A complete log|code |\s*$|    )"
    r"|^collect2: error|^make(\[\d+\])?: \*\*\* "
)
SOURCE = re.compile(
    r"^\S.*\.java:\d+: error: |^\[ERROR\] COMPILATION ERROR|^\S+:\d+(:\d+)?: (fatal )?error: "
    r"|: undefined reference to |^collect2: error",
    re.MULTILINE,
)
"""How a compiler blames the source. In a networking lab the source may quote any word below."""
NETWORK = re.compile(
    r"^npm (ERR!|error) .*\b(EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ECONNRESET|ECONNABORTED|ETIMEDOUT"
    r"|EHOSTUNREACH|ENETUNREACH|ENOTCACHED|ERR_SOCKET_TIMEOUT|E403|E429|E5\d\d)\b"
    r"|^npm (ERR!|error) network "
    r"|\b(getaddrinfo|connect) E[A-Z_]{5,}\b"  # Node
    r"|Temporary failure in name resolution|Name or service not known|Network is unreachable"
    r"|[Cc]ould not resolve host|unable to resolve host|(CONNECT t|T)unnel (connection )?failed"
    r"|Could not transfer artifact|Unknown host |UnknownHostException: |Connection timed out"
    r"|NewConnectionError|ConnectTimeoutError|ReadTimeoutError|ProxyError|No space left on device"
    r"|ProtocolError\('Connection |IncompleteRead\(|SSLEOFError|Read timed out"  # pip, cut off
    r"|HTTP error (429|5\d\d) while getting|too many (429|5\d\d) error responses"  # pip, sent away
    r"|is in offline mode|cannot access \S+ \(\S+\) in offline|ensurepip is not available",
    re.MULTILINE | re.IGNORECASE,
)
VERSION = re.compile(
    r"^(error: |\[ERROR\] (.*: )?)(error: )?("
    r"release version [\d.]+ not supported|invalid (source|target) release:? [\d.]+"
    r"|(Source|Target) option [\d.]+ is no longer supported)"  # javac, by itself and in Maven
    r"|Detected (JDK|Maven) version:? .{1,200} is not in the allowed range|requires Maven version "
    r"|^(\[ERROR\])? *class file has wrong version "
    r"|compiled by a more recent version of the Java Runtime"
    r"|^npm (ERR!|error) (code )?EBADENGINE\b"
    r"|^ERROR: .*(requires? a different Python|Requires-Python )"  # pip
    r"|error: unrecognized command[- ]line option .-std="  # gcc
    r"|^go: .*\brequires go >= ?[\d.]+|^note: module requires Go [\d.]+"
    r"|^go: errors parsing go\.mod:\n.*invalid go version"
    r"|\brequires rustc [\d.]+ or newer|^ *feature .edition20\d\d. is required"  # cargo
    r"|^ *CMake [\d.]+ or higher is required\.  You are running version",
    re.MULTILINE | re.IGNORECASE,
)
"""What tools say if they are older (or newer) than the submission needs. For javac see `needs`."""
OFFLINE = re.compile(r"^ERROR: (Could not find a version that satisfies|No matching distr)", re.M)
"""What pip says when it may ask no index. If it did ask one, the statement is true."""

MAX_PATH_DEPTH = 50
"""Depth of a path that is searched for: a build can print anything."""
PATH = re.compile(r"(?<![\w.])\.{0,2}/[^\s:\[\]()'\"]+")


def first(output: str, root: Path) -> str:
    """The first errors, paths relative to `root`; the last lines if none looks like one. Only the
    first error comes with its source line, caret and symbol."""
    text = ANSI.sub("", output).replace("\r", "")
    text = PATH.sub(lambda match: _relative(match.group(), root), text)
    lines = [line.rstrip() for line in text.split("\n") if line.strip()]
    errors = [line for line in lines if ERRORS.search(line)]
    telling = [line for line in errors if not NOISE.search(line)] or errors[:1]
    unique = list(dict.fromkeys(telling))[:MAX_ERRORS] or lines[-MAX_ERRORS:]
    begins = unique and HEAD.search(unique[0])
    details = _details(lines[lines.index(unique[0]) + 1 :]) if begins else []
    shown = [*unique[:1], *details, *unique[1:]]
    return "\n".join(map(_cut, shown[:MAX_LINES]))


def _cut(line: str) -> str:
    """The line, cut between two words where it is too long."""
    if len(line) <= MAX_COLUMNS:
        return line
    words = line[: MAX_COLUMNS - 1]
    return f"{words[: max(words.rfind(' ') + 1, MAX_COLUMNS * 3 // 4)]}…"


def _details(following: Sequence[str]) -> list[str]:
    """The lines that belong to an error: indented ones, and the source line above a caret."""
    told: list[str] = []
    for number, line in enumerate(following[: MAX_LINES - 1]):
        pointed_at = any(map(CARET.match, following[number + 1 : number + 2]))
        belongs = line[:1].isspace() or CARET.match(line) or pointed_at
        if ERRORS.search(line) or not belongs:
            break
        told.append(line)
    return _readable(told)


def _readable(block: Sequence[str]) -> list[str]:
    """The lines without indentation, behind a bar that keeps the spaces before a caret. A source
    line that is too wide is cut to the part around its caret."""
    lines = [line.expandtabs(4) for line in block]
    told = []
    while lines:
        line = lines.pop(0)
        if not (lines and CARET.match(lines[0])):
            told.append(line.strip())
            continue
        line, below = dedent(f"{line}\n{lines.pop(0)}").split("\n")
        if len(line) > PAGE:
            cut = max(0, below.index("^") - PAGE // 2)
            line, below = f"…{line[cut + 1 :]}" if cut else line, below[cut:]
            line = line if len(line) <= PAGE else f"{line[: PAGE - 1]}…"
        told += [line, below[:PAGE]]
    return [f"| {line}" for line in told]


def _relative(path: str, root: Path) -> str:
    """A path of the submission as the student knows it, wherever the build has seen it."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    for start in range(max(0, len(parts) - MAX_PATH_DEPTH), len(parts)):
        inside = "/".join(parts[start:])
        if texts.is_file(root / inside):
            return inside
    return path


MACHINE = re.compile(
    r"cannot allocate memory|insufficient memory|no space left on device"
    r"|unable to create (new )?native thread|can't start new thread|pthread_create failed"
    r"|too many open files|resource temporarily unavailable",
    re.IGNORECASE,
)


def is_machine(output: str) -> bool:
    """Whether the output blames the machine's memory, disk or limits, and no line of source."""
    text = ANSI.sub("", output)
    return bool(MACHINE.search(text)) and not SOURCE.search(text)


def is_source(output: str) -> bool:
    """Whether the output blames a line of source."""
    return bool(SOURCE.search(ANSI.sub("", output)))


def is_version(output: str) -> bool:
    """Whether the output blames the versions of the machine's tools."""
    return bool(VERSION.search(ANSI.sub("", output)))


def is_network(output: str, *, offline: bool = False) -> bool:
    """Whether the output blames the network (or a full disk) and not the source. `offline`: the
    build had no network at all."""
    text = ANSI.sub("", output)
    if SOURCE.search(text):
        return False
    return bool(NETWORK.search(text) or (offline and OFFLINE.search(text)))
