"""`conformance` on a machine that has room for so many processes, and no more.

Run as a program, this is the suite, to which a fork is refused while it has MOST children
that it has not waited for, as one is where a limit is reached (EAGAIN, fork(2)). What was
refused is written into REFUSED.
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
    """`conformance` with these arguments, where there is room for one process of its own at
    a time; and what was refused: "session", "taking in"."""
    file = desk.folder / "refused"
    command = (sys.executable, "-m", "kit.crowded")
    kit = str(Path(__file__).parents[1])
    checked = desk.call(*arguments, command=command, PYTHONPATH=kit, MOST="1", REFUSED=str(file))
    return checked, set(file.read_text().splitlines())


if __name__ == "__main__":
    os.fork = fork_where_there_is_room
    del sys.argv[1 : sys.argv.index("conformance") + 1]  # as it is called elsewhere
    sys.exit(main())
