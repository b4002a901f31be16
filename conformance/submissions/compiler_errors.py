"""The first errors of a build, out of pages of output: javac, Maven, gcc, npm, pip."""

from __future__ import annotations

import re
from pathlib import Path

MOST = 4
"""Later errors mostly follow from the first ones."""
WIDEST = 300
"""Characters of a line that are shown: Maven puts whole class paths on one."""

ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")

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
"""What a compiler says of the source, which in a lab on networks can quote any word below."""
NETWORK = re.compile(
    r"^npm (ERR!|error) .*\b(EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH"
    r"|ENETUNREACH|ENOTCACHED|E403|E50[234])\b"
    r"|\b(getaddrinfo|connect) E[A-Z_]{5,}\b"  # Node
    r"|Temporary failure in name resolution|Name or service not known|Network is unreachable"
    r"|[Cc]ould not resolve host|unable to resolve host|(CONNECT t|T)unnel (connection )?failed"
    r"|Could not transfer artifact|Unknown host |UnknownHostException: |Connection timed out"
    r"|NewConnectionError|ReadTimeoutError|ProxyError|No space left on device"
    r"|is in offline mode|cannot access \S+ \(\S+\) in offline|ensurepip is not available",
    re.MULTILINE | re.IGNORECASE,
)
OFFLINE = re.compile(r"^ERROR: (Could not find a version that satisfies|No matching distr)", re.M)
"""What pip says where it may ask no index; of an index that it did ask, it is true."""

PATH = re.compile(r"(?<![\w.])\.{0,2}/[^\s:\[\]()'\"]+")


def first(output: str, root: Path) -> str:
    """The first error lines, paths relative to `root`; the last lines if none looks like one."""
    text = ANSI.sub("", output).replace("\r", "")
    text = PATH.sub(lambda match: _relative(match.group(), root), text)
    lines = [line.rstrip()[:WIDEST] for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if ERRORS.search(line)]
    telling = [line for line in errors if not NOISE.search(line)] or errors
    unique = list(dict.fromkeys(telling))
    return "\n".join((unique or lines[-MOST:])[:MOST])


def _relative(path: str, root: Path) -> str:
    """A path of the submission as the student knows it, wherever the build has seen it."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    for start in range(len(parts)):
        inside = "/".join(parts[start:])
        if (root / inside).is_file():
            return inside
    return path


MACHINE = re.compile(
    r"cannot allocate memory|insufficient memory|no space left on device"
    r"|too many open files|resource temporarily unavailable",
    re.IGNORECASE,
)


def is_machine(output: str) -> bool:
    """Whether the output blames the machine's memory, disk or limits, and no line of source."""
    text = ANSI.sub("", output)
    return bool(MACHINE.search(text)) and not SOURCE.search(text)


def is_network(output: str, *, offline: bool = False) -> bool:
    """Whether the output blames the network (or a full disk) and not the source.

    `offline`: the build had no network at all.
    """
    text = ANSI.sub("", output)
    if SOURCE.search(text):
        return False
    return bool(NETWORK.search(text) or (offline and OFFLINE.search(text)))
