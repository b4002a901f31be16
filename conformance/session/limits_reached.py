"""Limits that a program has reached: no fault, but helpful to a reader of its report."""

from __future__ import annotations

from conformance.sandbox import ROOM_BYTES, ROOM_FILES, Disk

TALKATIVE = 16 * 2**20
"""Bytes of output above which the report mentions it: far more than any lab needs."""


def limits_reached(disk: Disk | None, written: int) -> list[str]:
    """A sentence on each. `disk`: the program's own, if it has one; `written`: bytes of output."""
    found = []
    if disk is not None and disk.is_full():
        found.append(
            "the program filled its disk: beside its own files it may write"
            f" {ROOM_BYTES // 2**20} MiB, in {ROOM_FILES:,} files"
        )
    if written > TALKATIVE:
        found.append(
            f"the program wrote more than {TALKATIVE // 2**20} MiB on stdout and stderr;"
            " only the beginning and the end are kept"
        )
    return found
