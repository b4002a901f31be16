"""`conformance` on a machine with room for a limited number of processes.

Run as a program, this is the suite, with fork(2) failing (EAGAIN) while it has MOST children that
it has not waited for, as at a real limit. What was refused is written to REFUSED.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
from pathlib import Path

import psutil

from conformance.cli import main
from kit.desk import Checked, Desk

OURSELVES = os.getpid()
fork = os.fork


def fork_where_there_is_room() -> int:
    if os.getpid() == OURSELVES and _children() >= int(os.environ["MOST"]):
        callers = {Path(frame.filename).stem for frame in traceback.extract_stack()}
        with open(os.environ["REFUSED"], "a") as refused:
            refused.write("session\n" if "worker" in callers else "taking in\n")
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
    return fork()


def _children() -> int:
    return len(psutil.Process().children())


def crowded(desk: Desk, *arguments: object) -> tuple[Checked, set[str]]:
    """`conformance` with these arguments, on a machine with room for one child process; and what
    was refused: "session", "taking in"."""
    file = desk.folder / "refused"
    command = (sys.executable, "-m", "kit.crowded")
    kit = str(Path(__file__).parents[1])
    checked = desk.call(*arguments, command=command, PYTHONPATH=kit, MOST="1", REFUSED=str(file))
    return checked, set(file.read_text().splitlines())


if __name__ == "__main__":
    os.fork = fork_where_there_is_room
    del sys.argv[1 : sys.argv.index("conformance") + 1]  # as if called without this module
    sys.exit(main())
