"""All exceptions that an output holds, in whatever language."""

from __future__ import annotations

from conformance.verdict.thrown import java, native, node, python
from conformance.verdict.thrown.trace import Rows, Trace

READERS = (python.read, java.read, node.read, native.read)

NO_FAULT = frozenset({"KeyboardInterrupt", "SystemExit", "CancelledError", "GeneratorExit"})
"""What ends a program, or a part of it, in good order."""


def traces(text: str) -> list[Trace]:
    """The exceptions that were printed, in their order."""
    rows = Rows(text.split("\n"))
    found: list[Trace] = []
    row = 0
    while row < len(rows):
        trace = next(filter(None, (read(rows, row) for read in READERS)), None)
        if trace is None:
            row += 1
            continue
        row = trace.last + 1
        if trace.raised[0].name not in NO_FAULT:
            found.append(trace)
    return found
