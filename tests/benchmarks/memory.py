"""Memory that a session in flight takes of ours, beside its server's own.

Looked at while a class of streaming servers is graded, in a run of its own: a look takes
some milliseconds of CPU a session.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .grading import grade
from .handed_in import Press, streaming_lab, streams, take_turns
from .machine import MIB, Memory, memory
from .streaming import ONE_STREAM, USUAL
from .tables import Sizes, Table, say

EVERY = 2.0
"""Seconds between two looks."""


def run(sizes: Sizes, folder: Path) -> Iterator[Table]:
    programs = take_turns(streams(sizes.lines), sizes.of(USUAL))
    say(f"memory: {len(programs)} streaming servers")
    made = Press(folder / "press").hand_in(
        programs, folder / "class", streaming_lab(sizes.lines, ONE_STREAM)
    )
    looks: list[Memory] = []

    def look(pid: int, ended: int) -> None:
        if not ended:  # they are under way, and none of them has left yet
            looks.append(memory(pid))

    graded = grade(made, folder / "out", watch=look, every=EVERY)
    assert looks, "the grading was over before it was looked at"
    most = max(looks, key=lambda found: found.sessions)
    sessions = max(1, most.sessions)
    ours = sum(most.ours.values())
    each = ours / sessions / MIB
    rows = [
        ["ours", f"{each:.1f} MiB", sizes.target(USUAL, each, under=12), f"{ours / MIB:.0f} MiB"],
        *(
            [f"· {role}", f"{taken / sessions / MIB:.1f} MiB", "", f"{taken / MIB:.0f} MiB"]
            for role, taken in most.ours.items()
            if taken
        ),
        [
            "servers",
            f"{most.servers / sessions / MIB:.1f} MiB",
            "",
            f"{most.servers / MIB:.0f} MiB",
        ],
        ["the grading itself", "", "", f"{most.parent / MIB:.0f} MiB"],
    ]
    unseen = f" {most.unseen} processes could not be looked at." if most.unseen else ""
    yield Table(
        f"Memory a session, {most.sessions} in flight",
        ["Pss", "a session", "target", "together"],
        rows,
        [f"The most of {len(looks)} looks; {graded.found}.{unseen}"],
    )
