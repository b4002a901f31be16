"""What Python programs use of the language and its library, for which this machine's Python is too
old or too new, or which it was packaged without."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import vermin
from ruff import find_ruff_bin

from conformance.submissions.lacking import Lack
from conformance.submissions.texts import own_files

Version = tuple[int, int]

MAX_MODULE_BYTES = 1 << 20
"""Bytes of a module that is looked at."""
MAX_MODULES = 200
"""Modules that are looked at; with more, a library was handed in as well."""
PARSE_SECONDS = 20.0
"""Seconds for all of them; ruff takes milliseconds for each."""
NEWEST = (3, 15)
"""The newest version that ruff knows by name."""

ADDED = re.compile(r"\(syntax was added in Python 3\.(\d+)\)")
LAST = r"^[ \t|]*"
"""What precedes the last line of a traceback: a bar, in a group of exceptions."""
IDENTIFIER = re.compile(r"[^\W\d]\w*")
IMPORTS = re.compile(r"^[ \t]*(?:import|from)[ \t]+([\w.]+(?:[ \t]*,[ \t]*[\w.]+)*)", re.MULTILINE)

REMOVED: Mapping[str, Version] = {
    **dict.fromkeys(("asynchat", "asyncore", "distutils", "imp", "smtpd"), (3, 12)),
    **dict.fromkeys(
        ("aifc", "audioop", "cgi", "cgitb", "chunk", "crypt", "imghdr", "lib2to3", "mailcap",
         "msilib", "nis", "nntplib", "ossaudiodev", "pipes", "sndhdr", "spwd", "sunau",
         "telnetlib", "uu", "xdrlib"), (3, 13)),
}  # fmt: skip
"""What was removed from the library, and in which version (docs.python.org, "What's New")."""

PACKAGED_APART = {
    "tkinter": "python3-tk", "_tkinter": "python3-tk", "turtle": "python3-tk",
    "idlelib": "idle", "distutils": "python3-distutils", "lib2to3": "python3-lib2to3",
    "ensurepip": "python3-venv", "venv": "python3-venv", "dbm.gnu": "python3-gdbm",
    "_gdbm": "python3-gdbm",
}  # fmt: skip
"""Parts of the library that Debian packages separately."""

WINDOWS = re.compile(
    r"^[ \t]*(import|from)[ \t]+(tkinter|turtle|pygame|PyQt\d|PySide\d|wx|kivy|gi)\b", re.MULTILINE
)
NO_DISPLAY = (
    r"TclError: (no display name|couldn't connect to display)|pygame\.error: No available video"
    r"|could not connect to display|[Cc]annot open display|Unable to access the X Display"
)
NO_WINDOW = "it opens a window, and programs are run without a display here"


def lacks(root: Path, version: Version) -> list[Lack]:
    """What the modules below `root` may miss in that Python."""
    found = own_files(root, "*.py")
    paths = [path for path in found if path.stat().st_size <= MAX_MODULE_BYTES][:MAX_MODULES]
    texts = [path.read_bytes().decode("utf-8", "replace") for path in paths]
    names = {name for text in texts for name in IDENTIFIER.findall(text)}
    imported = {
        each.strip() for text in texts for listed in IMPORTS.findall(text)
        for each in listed.split(",")
    }  # fmt: skip
    library = [*_of_the_library(names, version), *_of_modules(imported, version)]
    windows = [Lack(NO_DISPLAY, NO_WINDOW)] if any(map(WINDOWS.search, texts)) else []
    return [*_of_syntax(paths, version), *library, *windows]


def needs(what: str, wanted: Version, version: Version) -> str:
    """The sentence that a program needs `wanted` for `what`."""
    return (
        f"it needs Python {_dotted(wanted)} or later ({what}); this machine has Python"
        f" {_dotted(version)}: install python{_dotted(wanted)}"
    )


def _dotted(version: Sequence[int]) -> str:
    return ".".join(map(str, version))


def _of_syntax(paths: Sequence[Path], version: Version) -> Iterator[Lack]:
    """The lacks of modules whose syntax is valid in a later version, but not in this one."""
    told = _ruff(paths, version) if paths and version < NEWEST else {}
    for path in paths:
        errors = told.get(str(path), [])
        added = [match for error in errors if (match := ADDED.search(error))]
        if not errors or len(added) < len(errors):
            continue
        wanted = max((3, int(match[1])) for match in added)
        if wanted > version:
            what = re.sub(r"^Cannot use |^Cannot | on Python 3\.\d+ \(.*$", "", errors[0])
            what = what.replace("must be parenthesized", "without parentheses")
            what = what[:1].lower() + what[1:]
            name = re.escape(path.name)
            # The file, its line, a caret; from 3.13 on there may be other words between.
            said = (
                rf'File "(?:[^"\n]*/)?{name}", line \d+\n(?:.*\n){{0,4}}?'
                "(?:Syntax|Indentation)Error"
            )
            yield Lack(said, needs(what, wanted, version))


def _ruff(paths: Sequence[Path], version: Version) -> dict[str, list[str]]:
    """The syntax errors in each file, for that version."""
    target = f"py3{max(7, version[1])}"
    command = [find_ruff_bin(), "check", "--isolated", "--no-cache", "--select", "E902",
               "--target-version", target, "--output-format", "json", "--no-respect-gitignore",
               "--ignore-noqa", "--exit-zero", "--quiet", "--", *map(str, paths)]  # fmt: skip
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=PARSE_SECONDS, check=False, cwd="/",
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        findings = json.loads(done.stdout or b"[]")
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return {}
    told: dict[str, list[str]] = {}
    for finding in findings:
        told.setdefault(finding["filename"], []).append(finding["message"])
    return told


def _of_the_library(names: set[str], version: Version) -> Iterator[Lack]:
    """Members and arguments that were added to the library later, if their names occur."""
    config = vermin.Config()
    for dotted, (_, wanted) in vermin.MOD_MEM_REQS(config).items():
        *parents, name = dotted.split(".")
        if wanted and wanted > version and name in names:
            yield Lack(_missing(parents, name), needs(dotted, wanted, version))
    for (dotted, keyword), (_, wanted) in vermin.KWARGS_REQS(config).items():
        name = dotted.split(".")[-1]
        if wanted and wanted > version and {name, keyword} <= names:
            called = rf"{re.escape(name)}(\.__\w+__)?\(\)"
            said = (
                rf"{LAST}TypeError: (\w+\.)*{called} got an unexpected keyword argument '{keyword}'"
                rf"|{LAST}TypeError: '{keyword}' is an invalid keyword argument for {called}"
            )
            yield Lack(said, needs(f"{dotted}(…, {keyword}=…)", wanted, version))


def _missing(parents: Sequence[str], name: str) -> str:
    """What Python prints if `name` is not in the module or type above it."""
    if not parents:
        return rf"{LAST}NameError: name '{name}' is not defined"
    module = re.escape(".".join(parents))
    type_ = re.escape(parents[-1])
    return (
        rf"{LAST}ImportError: cannot import name '{name}' from '{module}'"
        rf"|{LAST}ModuleNotFoundError: No module named '{module}\.{name}'"
        rf"|{LAST}AttributeError: (module '{module}'|type object '{type_}'|'{type_}' object) has no"
        rf" attribute '{name}'"
    )


def _of_modules(imported: Iterable[str], version: Version) -> Iterator[Lack]:
    """Modules of the library that were added later, removed, or are packaged separately."""
    later = vermin.MOD_REQS(vermin.Config())
    for module in sorted(set(imported)):
        top = module.split(".")[0]
        names = {top, module, *(("tkinter",) if top == "turtle" else ())}
        listed = "|".join(map(re.escape, sorted(names)))
        said = rf"{LAST}(ModuleNotFound|Import)Error: No module named '_?({listed})'"
        came = (later.get(each, (None, None))[1] for each in (module, top))
        wanted = next(filter(None, came), None)
        apart = PACKAGED_APART.get(module) or PACKAGED_APART.get(top)
        if wanted and wanted > version:
            yield Lack(said, needs(module, wanted, version))
        elif top in REMOVED and REMOVED[top] <= version:
            yield Lack(
                said,
                f"it needs a Python before {_dotted(REMOVED[top])} ({top}, which is no longer in"
                f" its library); this machine has Python {_dotted(version)}",
            )
        elif apart or top in sys.stdlib_module_names:
            install = f": install {apart}" if apart else ""
            yield Lack(
                said, f"it needs {top}, which this machine's Python was packaged without{install}"
            )
