"""Evidence of one attempt, for a teacher with Wireshark: what crossed the wire (pcapng), with
comments at the packets of each step, and a text file that says what the scenario did and when.

The text gives each time as in the report, as a date, and as Wireshark shows it by default, in
seconds since the first packet of the file.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from conformance.session.packet_comments import comments_on, printable
from conformance.verdict.model import Attempt, Clause, Outcome
from conformance.verdict.transcript import shorten
from conformance.wire.capture import Capture
from conformance.wire.packets import Packet, write_pcapng
from conformance.wire.recorder import NANOSECONDS

MAX_KEPT = 16 * 2**20
"""Bytes of a file of evidence; a conversation leaves less."""

MAX_ENTRY_TEXT = 400
"""Characters quoted of an entry: enough to find the packet, which has all of it."""

CLOCKS = {
    "capture": "the kernel's stamp of each packet, as in the capture",
    "kernel": "the kernel's stamp of the last byte of each read",
    "clock": "the clock of the suite, when it had read what came",
}


def write(
    folder: Path,
    clause: Clause,
    attempt: Attempt,
    began: int,
    captures: Iterable[Capture],
    about: Sequence[str] = (),
) -> str:
    """Writes both files of an attempt; `began` is when its conversation began (ns), `about` what
    the capture says of itself. Returns the name of the capture in `folder`; "" where nothing was
    captured."""
    captures = list(captures)
    for capture in captures:
        capture.drain()
    packets = sorted(chain(*(c.packets for c in captures)), key=lambda packet: packet.at)
    if not packets:
        return ""
    name = f"{safe(clause.number)}-{safe(clause.scenario)}.pcapng"
    write_pcapng(
        packets,
        folder / name,
        about=[*map(printable, about), outcome_of(clause, attempt)],
        comments=comments_on(packets, clause, attempt, began),
    )
    left_out = sum(capture.packets.left_out for capture in captures)
    rows = account(clause, attempt, began, packets, left_out)
    text = "\n".join(rows) + "\n"
    (folder / name).with_suffix(".txt").write_text(text, encoding="utf-8")
    return name


def take(attempt: Attempt, folder: Path, keep: Path, number: int) -> Attempt:
    """The attempt, with both files copied from the session's `folder` to `keep`. Their names
    contain `number`, that of the attempt, from 1."""
    if not attempt.capture:
        return attempt
    left = folder / attempt.capture
    kept = keep / f"{left.stem}-{number}{left.suffix}"
    try:
        for suffix in (left.suffix, ".txt"):
            _copy(left.with_suffix(suffix), kept.with_suffix(suffix))
    except OSError as error:
        return lost(attempt, error)
    return replace(attempt, capture=str(kept))


def _copy(left: Path, kept: Path) -> None:
    """Copies a file from a folder where the program may have replaced it."""
    source = os.open(left, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(source, "rb") as file:
        if not stat.S_ISREG(os.fstat(source).st_mode):
            raise OSError(errno.EINVAL, "it is no longer a regular file")
        kept.write_bytes(file.read(MAX_KEPT))


def lost(attempt: Attempt, error: OSError) -> Attempt:
    """The attempt without its evidence, which could not be written."""
    note = f"its capture could not be kept: {error.strerror or error}"
    return replace(attempt, capture="", notes=(*attempt.notes, note))


def safe(name: str) -> str:
    """A file name that is safe everywhere: no path, no hidden file, no option."""
    return re.sub(r"[^A-Za-z0-9_.]+", "_", name).strip(".") or "_"


def outcome_of(clause: Clause, attempt: Attempt) -> str:
    """`4.1 hangs up after bye: FAILED`."""
    outcome = attempt.outcome.value.replace("_", " ").upper()
    return f"{clause.number} {clause.scenario.replace('_', ' ')}: {outcome}"


def account(
    clause: Clause, attempt: Attempt, began: int, packets: Sequence[Packet], left_out: int
) -> Iterator[str]:
    """The lines of the text."""
    yield outcome_of(clause, attempt)
    yield ""
    yield from map(printable, clause.text.split("\n"))
    yield ""
    found = {
        "expected": attempt.expected,
        "actual": attempt.actual,
        "reason": attempt.reason,
        "hint": attempt.hint if attempt.outcome is Outcome.FAILED else "",
    }
    for label, words in found.items():
        if words:
            yield f"{label:<9} {printable(shorten(words))}"
    first = packets[0].at
    yield f"{'began':<9} {_date(began, '%Y-%m-%d %H:%M:%S')} UTC"
    yield f"{'clock':<9} {CLOCKS[attempt.transcript.clock]}"
    yield f"{'packets':<9} {len(packets)}" + (
        f", and {left_out} between the first and the last that were left out" * bool(left_out)
    )
    yield ""
    yield "The times of the conversation: as in the report, since it began; in UTC; and since"
    yield "the first packet of the capture, as Wireshark shows them."
    yield ""
    yield f"{'report':>12} {'UTC':>15} {'Wireshark':>12}"
    for entry in attempt.transcript:
        at = began + round(entry.at * NANOSECONDS)
        when = f"{entry.at:12.6f} {_date(at, '%H:%M:%S')} {(at - first) / NANOSECONDS:12.6f}"
        what = printable(shorten(entry.what, MAX_ENTRY_TEXT))
        yield f"{when}  {printable(entry.who)}: {what}"


def _date(at: int, form: str) -> str:
    """The moment in UTC, to the microsecond."""
    seconds, rest = divmod(at, NANOSECONDS)
    date = datetime.fromtimestamp(seconds, UTC).strftime(form)
    return f"{date}.{rest // 1_000:06d}"
