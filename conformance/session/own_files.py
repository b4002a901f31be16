"""Lists the files of a submission, among which a place in its output, or in a stack, is looked
for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from conformance.submissions import Program
from conformance.verdict.thrown.own_files import LIBRARIES, OwnPaths

MAX_FILES = 20_000
"""Files that are listed at most."""


def own_files(program: Program, *places: str) -> OwnPaths:
    """The files of a program that is the student's, which saw them at these `places`."""
    roots = (*places, str(program.directory))
    return OwnPaths(files_below(program.directory), roots, program.folder)


def files_below(folder: Path) -> frozenset[str]:
    """The files in a folder, relative to it, without those in folders of libraries."""
    return frozenset(islice(_below(folder), MAX_FILES))


def _below(folder: Path) -> Iterator[str]:
    for where, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in LIBRARIES]
        at = os.path.relpath(where, folder)
        yield from (os.path.normpath(os.path.join(at, name)) for name in files)
