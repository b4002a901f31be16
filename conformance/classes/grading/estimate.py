"""Estimates how long a grading will take. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from conformance.verdict.model import Run
from conformance.verdict.points import counted

EACH_CLAUSE = 0.05
"""Core-seconds for a clause: 100 echo servers of 30 clauses took 74 s on two cores."""

EACH_START = 0.12
"""Core-seconds for taking a program in and starting it."""

EACH_BUILD: Mapping[str, float] = {"java": 1.5, "maven": 10.0}
"""Core-seconds of a build, by the kind of submission."""
OTHER_BUILD = 3.0

ALONE = 3.0
"""Seconds that one server takes at least, with the machine to itself."""

ALONE_CLAUSE = 0.6
"""Seconds for each of its clauses in addition: silences that must be waited for."""

AGAIN = 20.0
"""Seconds for repeating alone what was late or missing."""

FAULTY = 3
"""In ordinary classes, one hand-in in so many has a fault that must be repeated."""

MIN_RUNS = 3
"""Runs. Fewer are no basis for an estimate."""

PAUSE = timedelta(minutes=10)
"""A pause between runs after which they belong to another grading."""


@dataclass(frozen=True)
class Work:
    """One hand-in that is to be run."""

    kind: str
    builds: bool
    clauses: int
    lasts: float = 0.0
    """Seconds of the lab's own conversation: 15 for a stream of fifteen lines, one each second."""


@dataclass(frozen=True)
class Estimate:
    """How long it will take, in seconds."""

    least: float
    most: float
    basis: str

    @property
    def told(self) -> str:
        """The estimate in words: `about 3 min to 8 min`."""
        least, most = lasting(self.least), lasting(self.most)
        return f"about {least}" if least == most else f"about {least} to {most}"


def estimate(works: Sequence[Work], *, cores: int, former: Iterable[Run] = ()) -> Estimate:
    """The estimate. `former`: runs of the same class; if there are enough, they are its basis."""
    if not works:
        return Estimate(0.0, 0.0, "nothing is to be run")
    count, seconds = _together(former)
    if count >= MIN_RUNS:
        each = seconds / count
        basis = f"{count} runs of this class took {lasting(seconds)} together"
        return Estimate(each * len(works), each * len(works), basis)
    least = max(_work(works) / cores, max(map(_alone, works)))
    most = least + AGAIN * -(-len(works) // FAULTY)
    basis = (
        f"{counted(len(works), 'hand-in')}, {counted(cores, 'core')}, and what classes took when"
        " this was measured: the least if all servers are right, the most if one in"
        f" {FAULTY} has a fault that is tried again, alone"
    )
    return Estimate(least, most, basis)


def _alone(work: Work) -> float:
    """Seconds that a hand-in takes however many cores there are."""
    return ALONE + ALONE_CLAUSE * work.clauses + 2 * work.lasts


def _work(works: Iterable[Work]) -> float:
    """Core-seconds of all hand-ins."""
    return sum(
        EACH_START
        + EACH_CLAUSE * work.clauses
        + (EACH_BUILD.get(work.kind, OTHER_BUILD) if work.builds else 0.0)
        for work in works
    )


def _together(former: Iterable[Run]) -> tuple[int, float]:
    """The number of runs, and the seconds, of the grading that ran most of `former`."""
    spans = []
    for run in former:
        with suppress(ValueError):  # without a valid time
            start = datetime.fromisoformat(run.started)
            spans.append((start, start + timedelta(seconds=run.seconds)))
    if not spans:
        return 0, 0.0
    spans.sort()
    gradings = [[spans[0]]]
    for before, span in pairwise(spans):
        if span[0] - before[1] > PAUSE:
            gradings.append([])
        gradings[-1].append(span)
    most = max(gradings, key=len)
    ended = max(end for _, end in most)
    return len(most), (ended - most[0][0]).total_seconds()


def lasting(seconds: float) -> str:
    """`40 s`, `12 min`, `1 h 20 min`: an estimate is not more precise than that."""
    if seconds < 100:
        return f"{max(1, round(seconds))} s" if seconds else "0 s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"
