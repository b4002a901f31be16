"""A class of a thousand: whether the last hundred take what the first hundred took.

The time of the first begins when the first hand-in could start: the call's own start is no
part of it. The memory is what the grading's process has in use (proc(5), Rss): its fair share
(Pss) also grows where the processes that share it end, as they do at the end of a class.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from .grading import grade
from .handed_in import Press, lab, reference, take_turns
from .machine import MIB, rollup
from .tables import Sizes, Table, say, times

USUAL = 1_000
PARTS = 10
CLAUSE = "3.1"


def run(sizes: Sizes, folder: Path) -> Iterator[Table]:
    size = sizes.of(USUAL)
    part = max(1, size // PARTS)
    say(f"flat: {size} submissions")
    programs = take_turns([reference("echo/python/select_loop.py")], size)
    made = Press(folder / "press").hand_in(programs, folder / "class", lab("echo", [CLAUSE]))
    held: dict[int, int] = {}

    def look(pid: int, ended: int) -> None:
        if ended and ended % part == 0:
            # Where it was gone before we looked, it had last what it had before.
            found = rollup(pid, "Rss") or max(held.values(), default=0)
            held.setdefault(ended, found)

    graded = grade(made, folder / "out", watch=look)
    ends = sorted(held)
    moments = [graded.began, *(graded.ended[end - 1] for end in ends)]
    spans = [after - before for before, after in pairwise(moments)]
    first_time, first_memory = spans[0], held[ends[0]]
    rows = [
        [
            f"to {end}",
            times(span / first_time),
            times(held[end] / first_memory),
            f"{span:.1f} s",
            f"{held[end] / MIB:.1f} MiB",
        ]
        for end, span in zip(ends, spans, strict=True)
    ]
    rows.append([
        "within 10 %",
        sizes.target(USUAL, spans[-1] / first_time, under=1.1),
        sizes.target(USUAL, held[ends[-1]] / first_memory, under=1.1),
        f"{graded.seconds:.1f} s in all",
        "",
    ])  # fmt: skip
    yield Table(
        f"{size} submissions (echo {CLAUSE}), each {part} of them",
        [
            "submissions",
            "time / first",
            "memory / first",
            "time",
            "the grading's Rss",
        ],
        rows,
        [f"{graded.found}."],
    )
