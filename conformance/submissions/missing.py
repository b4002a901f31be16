"""Headers, libraries and tools that a build asked for and this machine lacks.

The build's output is not enough: each must be known to the suite, requested in the submission's
files, and absent. An unknown one may be misspelt, or a header that the student did not hand in.
"""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from conformance.submissions.texts import own_files

TABLE = Path(__file__).with_name("debian.toml")
INCLUDED = (Path("/usr/include"), Path("/usr/include/x86_64-linux-gnu"))
"""Where the headers of libraries are installed."""

MAX_FILE_BYTES = 1 << 20
"""Bytes of a file that is looked at."""
MAX_FILES = 500
"""Files that are looked at."""
MAX_TOTAL_BYTES = 16 << 20
"""Bytes of all of them."""
MAX_NAMES = 20
"""Headers and libraries looked up for one build; more are never missing at once."""

NO_HEADER = re.compile(
    r"^(?P<file>\S+):\d+:\d+: fatal error: '?(?P<what>[^\s':]+)'?(: No such file| file not found)"
)
NO_LIBRARY = re.compile(
    r"\bcannot find -l(?P<what>:?[\w.+-]+)|library not found for -l(?P<other>\S+)"
)
NO_TOOL = re.compile(
    r"^(?:/\S+/|)\w*sh: (?:(?:line )?\d+: )?(?P<what>[\w.+-]+): (?:command )?not found"
    r"|^make(?:\[\d+\])?: (?P<made>[\w.+-]+): No such file or directory"
    r"|^(?:/usr/bin/)?env: ['‘](?P<env>[\w.+-]+)['’]: No such file or directory"
    r"|^\S{0,200}(?:Makefile|\.sh)\S{0,50}: (?:line )?\d+: (?P<script>[\w.+-]+): "
    r"(?:command )?not found",
    re.MULTILINE,
)
ERROR = re.compile(
    r"^(?!\S+\.java:)\S+:\d+(:\d+)?: (fatal )?error: |: undefined reference to |\bcannot find -l"
)

VERSIONED = re.compile(r"python3\.\d{1,2}|(gcc|g\+\+|clang|clang\+\+)-\d{1,2}|(lua|php|ruby)\d\.\d")
NOT_FOUND = 127
"""The exit status of a shell that has not found a program; make tells it as `Error 127`."""


def explanation(output: str, status: int, root: Path) -> str:
    """What the build below `root` needs and this machine lacks, as a sentence; "" where the build
    says anything else against the source. `status`: how the build ended."""
    headers: dict[str, str] = {}
    libraries: dict[str, None] = {}
    for line in output.split("\n"):
        header, library = NO_HEADER.match(line), NO_LIBRARY.search(line)
        if header:
            headers[header["what"]] = header["file"]
        elif library:
            libraries[(library["what"] or library["other"]).lstrip(":")] = None
        elif ERROR.search(line):
            return ""
    if len(headers) + len(libraries) > MAX_NAMES:
        return ""
    found = [_header(name, file, root) for name, file in headers.items()]
    found += [_library(name, root) for name in libraries]
    if not found and (status == NOT_FOUND or f"Error {NOT_FOUND}" in output):
        found = list(_tools(output, root))
    if not found or not all(found):
        return ""
    return "; ".join(dict.fromkeys(found))


@cache
def packages(kind: str) -> Mapping[str, str]:
    """The package of each header, library or tool that is known."""
    listed = tomllib.loads(TABLE.read_text(encoding="utf-8"))[kind]
    return {name: package for package, names in listed.items() for name in names}


def _header(name: str, file: str, root: Path) -> str:
    """Why a known header that a source asks for is missing."""
    asks = re.compile(rf'^\s*#\s*include\s*[<"]{re.escape(name)}[>"]', re.MULTILINE)
    if not any(asks.search(text) for text in texts(root)):
        return ""
    if any(path.name == Path(name).name for path in root.rglob("*")):
        return ""  # it was handed in, and is looked for elsewhere
    of = packages("standard").get(name)
    folder = name.partition("/")[0]
    if of == "c":
        package = "libc6-dev, or a newer one"
    elif of == "cpp" and file.endswith(".c"):
        return ""  # C++ that is compiled as C
    elif of == "cpp":
        package = "g++, or a newer one"
    elif "/" in name and any((place / folder).is_dir() for place in INCLUDED):
        return ""  # the library is installed without such a header: its name is misspelt
    else:
        known = packages("headers")
        package = known.get(name) or known.get(re.sub(r"-?\d[\d.]{0,20}$", "", folder), "")
    return f"it needs the header {name}: install {package}" if package else ""


def _library(name: str, root: Path) -> str:
    package = packages("libraries").get(name)
    asks = re.compile(rf"-l:?{re.escape(name)}(?![\w.+-])|\b{re.escape(name)}\b")
    # What is linked with every program need not be asked for.
    asked = package in ("libc6-dev", "gcc", "g++") or any(asks.search(t) for t in texts(root))
    return f"it needs the library {name}: install {package}" if package and asked else ""


def _tools(output: str, root: Path) -> Iterator[str]:
    """The tools that a shell or make did not find."""
    names = {next(filter(None, told.groups())) for told in NO_TOOL.finditer(output)}
    for name in sorted(names)[:MAX_NAMES]:
        yield of_tool(name, root)


def of_tool(name: str, root: Path, *, called: bool = False) -> str:
    """Why a known tool that something below `root` calls is missing. `called`: it is known to be
    called."""
    versioned = VERSIONED.fullmatch(name)
    package = packages("tools").get(name) or (name if versioned else "")
    if not package or shutil.which(name):
        return ""
    calls = re.compile(rf"(?<![\w.+-]){re.escape(name)}(?![\w+-])")
    # make calls the compilers of C and C++ by itself.
    called |= name in ("cc", "c++", "g++", "gcc") and any(root.rglob("*akefile"))
    if not called and not any(calls.search(text) for text in texts(root)):
        return ""
    return f"it needs {name}, which this machine does not have: install {package}"


def texts(root: Path) -> Iterator[str]:
    """The text files below `root` that can ask for something."""
    room = MAX_TOTAL_BYTES
    for path in own_files(root)[:MAX_FILES]:
        if path.is_symlink() or path.stat().st_size > MAX_FILE_BYTES:
            continue
        content = path.read_bytes()
        room -= len(content)
        if room < 0:
            return
        if b"\0" not in content[:8192]:
            yield content.decode("utf-8", "replace")
