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
NETWORK = re.compile(
    r"EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH"
    r"|Temporary failure in name resolution|Name or service not known|Network is unreachable"
    r"|Could not transfer artifact|Unknown host|UnknownHostException|Connection timed out"
    r"|NewConnectionError|ReadTimeoutError|No space left on device|is in offline mode"
    r"|ensurepip is not available|cannot access \S+ \(\S+\) in offline"
)

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


def is_network(output: str) -> bool:
    """Whether the output blames the network (or a full disk) and not the source."""
    return NETWORK.search(output) is not None
