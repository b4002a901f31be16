"""How long a grading will take, and what that rests on. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from conformance.verdict.model import Run
from conformance.verdict.points import counted

EACH_CLAUSE = 0.05
"""Core-seconds for a clause: of 100 echo servers, 30 clauses each took 74 s on two cores."""

EACH_START = 0.12
"""Core-seconds for taking a program in and starting it."""

EACH_BUILD: Mapping[str, float] = {"java": 1.5, "maven": 10.0}
"""Core-seconds of a build, by the kind of what is built."""
OTHER_BUILD = 3.0

CALM = 3.0
"""Seconds that one server takes in any case, where nothing else goes on."""

CALM_CLAUSE = 0.6
"""Seconds for each of its clauses: the silences that have to be waited for."""

AGAIN = 20.0
"""Seconds for what came late, or not at all, once more and alone."""

FAULTY = 3
"""One in so many has a fault that has to be tried again, in ordinary classes."""

FEW = 3
"""Fewer runs than these are no basis."""

PAUSE = timedelta(minutes=10)
"""Where nothing began for so long, another grading did."""


@dataclass(frozen=True)
class Work:
    """One hand-in that is to be run."""

    kind: str
    builds: bool
    clauses: int
    lasts: float = 0.0
    """Seconds that the lab's own conversation lasts: a stream of fifteen lines, one a second."""


@dataclass(frozen=True)
class Estimate:
    """How long it will take, in seconds."""

    least: float
    most: float
    basis: str

    @property
    def told(self) -> str:
        least, most = lasting(self.least), lasting(self.most)
        return f"about {least}" if least == most else f"about {least} to {most}"


def estimate(works: Sequence[Work], *, cores: int, former: Iterable[Run] = ()) -> Estimate:
    """`former` are runs of the same class: how long they took is the better basis."""
    if not works:
        return Estimate(0.0, 0.0, "nothing is to be run")
    count, seconds = _together(former)
    if count >= FEW:
        each = seconds / count
        basis = f"{count} runs of this class took {lasting(seconds)} together"
        return Estimate(each * len(works), each * len(works), basis)
    least = max(_work(works) / cores, max(map(_alone, works)))
    most = least + AGAIN * -(-len(works) // FAULTY)
    basis = (
        f"{counted(len(works), 'hand-in')}, {counted(cores, 'core')}, and"
        " what classes of servers took when this was measured: the least, where each does as it"
        f" should; the most, where one in {FAULTY} has a fault that is tried again, alone"
    )
    return Estimate(least, most, basis)


def _alone(work: Work) -> float:
    """Seconds that no core can make less."""
    return CALM + CALM_CLAUSE * work.clauses + 2 * work.lasts


def _work(works: Iterable[Work]) -> float:
    """Core-seconds."""
    return sum(
        EACH_START
        + EACH_CLAUSE * work.clauses
        + (EACH_BUILD.get(work.kind, OTHER_BUILD) if work.builds else 0.0)
        for work in works
    )


def _together(former: Iterable[Run]) -> tuple[int, float]:
    """Of the grading that ran most of them: how many, and how long it took."""
    spans = []
    for run in former:
        with suppress(ValueError):  # it has no time
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
    """`40 s`, `12 min`, `1 h 20 min`: no estimate is better than that."""
    if seconds < 100:
        return f"{max(1, round(seconds))} s" if seconds else "0 s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"
