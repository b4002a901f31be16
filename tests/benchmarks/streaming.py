"""A class of streaming servers, clauses 1 and 2: how long beside the 15 s of one stream.

Two rows are ours: with the MUST clauses alone, one stream a submission; and with all clauses,
of which 2.8 wants a stream, and a server, of its own. The plain suite answers the latter,
and reads both streams at the same time.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .grading import grade
from .handed_in import Press, streaming_lab, streams, take_turns
from .tables import Sizes, Table, say, times
from .xdist import Plain

USUAL = 100
ONE_STREAM = ("1", *(f"2.{number}" for number in range(1, 8)))
ALL = ("1", "2")
FEW = {2: (2, 6), 0: (1, 2)}
"""Workers of the plain suite -> the sizes of the classes from which it is extrapolated."""


def run(sizes: Sizes, folder: Path) -> Iterator[Table]:
    programs = take_turns(streams(sizes.lines), sizes.of(USUAL))
    press = Press(folder / "press")
    protocol = float(sizes.lines)
    rows, mine = [], 0.0
    for name, only in (("2.1 to 2.7", ONE_STREAM), ("with 2.8", ALL)):
        say(f"streaming: {len(programs)} submissions, clauses 1 and 2, {name}")
        where = press.hand_in(programs, folder / name, streaming_lab(sizes.lines, only))
        graded = grade(where, folder / f"{name}.out")
        mine, cpu = graded.seconds, graded.ours + graded.servers
        wanted = sizes.target(USUAL, mine / protocol, under=1.6)
        rows.append([
            f"conformance grade, {name}", times(mine / protocol), wanted, "", f"{mine:.1f} s",
            f"{graded.launches} launches, {cpu:.1f} s of CPU; {graded.found}",
        ])  # fmt: skip
    for workers, target in ((16, 2.0), (2, 0.0), (0, 50.0)):
        plain = Plain("test_streaming.py", workers, sizes.lines)
        if workers in FEW:
            seconds, how = plain.extrapolated(programs, press, folder, FEW[workers])
        else:
            seconds, how = plain.seconds(programs, press, folder / "plain-all"), "measured"
        wanted = sizes.target(USUAL, seconds / mine, over=target) if target else ""
        beside = times(seconds / mine)
        rows.append([
            plain.name, times(seconds / protocol), wanted, beside, f"{seconds:.1f} s", how
        ])  # fmt: skip
    yield Table(
        f"{len(programs)} streaming servers (Python, Java, Node), clauses 1 and 2",
        ["", f"of the {protocol:g} s of a stream", "target", "of ours with 2.8", "wall time", ""],
        rows,
    )
