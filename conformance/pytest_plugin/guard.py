"""Keeps a submission's own configuration and modules out of the pytest that judges it.

pytest reads the nearest pytest.ini, and imports what that names, before it loads any plugin;
it takes the folder of `--submission` for one of tests; and `python -m pytest` would import a
student's socket.py before Python's own. So a line in `conformance_pytest.pth` (startup.pth
here), which every start of this Python reads, replaces such a pytest with this module, in a
Python that imports only what is installed. This module starts pytest again, without
configuration or imports from its folder. Where that line is not installed, `items` refuses.

The line knows that it has been here before by the process's id: it stays when one program
replaces another, and no child has it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence

NO_CONFIGURATION = ("-c", os.devnull, "--noconftest", "--rootdir=.")
"""Arguments that keep pytest from reading any configuration."""


def main(count: int, command: Sequence[str]) -> None:  # pragma: no cover - ends as pytest
    """Replaces this process by `command`, whose last `count` words are its arguments. If it is a
    pytest that judges a submission, it is started guarded."""
    start, arguments = command[:-count], command[-count:]
    variables = {**os.environ, "CONFORMANCE_GUARDED": str(os.getpid())}
    guarded = [*start[1:], *arguments]
    if judges(arguments):
        variables = environment(variables, arguments)
        guarded = ["-P", *start[1:], *NO_CONFIGURATION, "-o", f"cache_dir={_cache()}", *arguments]
    os.execve(sys.executable, [sys.executable, *guarded], variables)


def judges(arguments: Sequence[str]) -> bool:
    """Whether pytest is asked to judge a submission. `--connect` alone may be another plugin's
    option; ours needs `--lab`, too."""
    given = {str(argument).partition("=")[0] for argument in arguments}
    return "--submission" in given or {"--connect", "--lab"} <= given


def environment(given: Mapping[str, str], arguments: Sequence[str]) -> dict[str, str]:
    """The environment for the guarded pytest and its workers."""
    kept = {**given, "PYTHONSAFEPATH": "1"}
    homes = list(folders(submissions(arguments)))
    if "PYTHONPATH" in kept:
        entries = kept.pop("PYTHONPATH").split(os.pathsep)
        if safe := [entry for entry in entries if not lies_in(entry, homes)]:
            kept["PYTHONPATH"] = os.pathsep.join(safe)
    return kept


def submissions(arguments: Sequence[str]) -> Iterator[str]:
    """The values of all `--submission` options."""
    for argument, following in zip(arguments, [*arguments[1:], ""], strict=True):
        option, equals, value = argument.partition("=")
        if option == "--submission":
            yield value if equals else following


def folders(paths: Iterator[str] | Sequence[str]) -> Iterator[str]:
    """The folder of each submission: itself, or that of the file."""
    for path in paths:
        real = os.path.realpath(path)
        yield real if os.path.isdir(real) else os.path.dirname(real)


def lies_in(entry: str, homes: Sequence[str]) -> bool:
    """Whether an entry of the search path ("" is the current folder) is one of the folders, or
    below one."""
    real = os.path.realpath(entry or ".")
    return any(real == home or real.startswith(home + os.sep) for home in homes)


def _cache() -> str:
    """The folder of pytest's cache. It is never the submission's."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(home, "conformance", "pytest")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
