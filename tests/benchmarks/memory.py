"""Memory that a session in flight takes of ours, beside its server's own.

Looked at while a class is graded, in a run of its own: a look takes some milliseconds of CPU a
session. Streaming servers are all in flight at the same time, for as long as a stream lasts; of
echo servers a session holds one conversation after another, and grows with each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from .echo import must
from .grading import Graded, grade
from .handed_in import Press, Program, echoes, lab, streaming_lab, streams, take_turns
from .machine import MIB, Memory, memory
from .streaming import ONE_STREAM, USUAL
from .tables import Sizes, Table, say

EVERY = 2.0
"""Seconds between two looks at streams."""

OFTEN = 0.2
"""Seconds between two looks at echo servers, whose sessions last for a second or two."""

WANTED = 8.0
"""MiB of a session, at most, that are told as the target."""


def run(sizes: Sizes, folder: Path) -> Iterator[Table]:
    programs = take_turns(streams(sizes.lines), sizes.of(USUAL))
    say(f"memory: {len(programs)} streaming servers")
    asked = streaming_lab(sizes.lines, ONE_STREAM)
    looks, graded = _looked_at(programs, asked, folder / "streams", EVERY)
    under_way = [found for found, ended in looks if not ended]  # and none of them has left yet
    assert under_way, "the grading was over before it was looked at"
    most = max(under_way, key=lambda found: found.sessions)
    yield _table(sizes, "streaming servers", most, most.own, f"{len(looks)} looks; {graded.found}")
    programs = take_turns(echoes(), sizes.of(USUAL))
    say(f"memory: {len(programs)} echo servers")
    looks, graded = _looked_at(programs, lab("echo", must()), folder / "echoes", OFTEN)
    most = max((found for found, _ in looks), key=lambda found: found.sessions)
    own = [each for found, _ in looks for each in found.own]
    told = f"{len(looks)} looks, what is its own in all of them; {graded.found}"
    yield _table(sizes, "echo servers, MUST clauses", most, own, told)


def _looked_at(
    programs: list[Program], asked: dict[str, str], folder: Path, every: float
) -> tuple[list[tuple[Memory, int]], Graded]:
    """Each look, and how many hand-ins had ended by then."""
    made = Press(folder / "press").hand_in(programs, folder / "class", asked)
    looks: list[tuple[Memory, int]] = []

    def look(pid: int, ended: int) -> None:
        if (found := memory(pid)).sessions:
            looks.append((found, ended))

    graded = grade(made, folder / "out", watch=look, every=every)
    assert looks, "no session was under way at any look"
    return looks, graded


def _table(sizes: Sizes, of: str, most: Memory, own: Sequence[int], how: str) -> Table:
    sessions = most.sessions
    ours = sum(most.ours.values())

    def target(taken: float) -> str:
        return sizes.target(USUAL, taken / MIB, under=WANTED)

    rows = [
        ["ours (Pss)", _mib(ours / sessions), target(ours / sessions), _whole(ours)],
        *(
            [f"· {role}", _mib(taken / sessions), "", _whole(taken)]
            for role, taken in most.ours.items()
            if taken
        ),
        ["its own alone (Uss), the middle one", _mib(median(own)), target(median(own)), ""],
        ["· the largest", _mib(max(own)), target(max(own)), ""],
        ["servers (Pss)", _mib(most.servers / sessions), "", _whole(most.servers)],
        ["the grading itself (Pss)", "", "", _whole(most.parent)],
    ]
    unseen = f" {most.unseen} processes could not be looked at." if most.unseen else ""
    return Table(
        f"Memory a session, {of}, {sessions} in flight",
        ["", "a session", "target, MiB", "together"],
        rows,
        [f"The most of {how}.{unseen}"],
    )


def _mib(size: float) -> str:
    return f"{size / MIB:.1f} MiB"


def _whole(size: float) -> str:
    return f"{size / MIB:.0f} MiB"
