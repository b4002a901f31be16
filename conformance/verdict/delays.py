"""How long a program was kept waiting, and how much of a delay that explains. Pure.

A program that is ready to run, but gets no core, is late through no fault of its own; so is one
that waits for a disk, or stands still with the whole machine. The kernel counts such time: the
rest of a delay is the program's own. Time for which its own threads kept each other waiting is
not counted: others can delay it for no longer than they have used the cores.

Nothing is guessed: where it is unknown how long the program waited, the answer says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt
from statistics import median

from conformance.verdict.model import Attempt, Delay, Fault, Outcome

NANOSECONDS = 1_000_000_000

STEADY = 0.001
"""A step is the program's own when a greater share of its time is unexplained: the kernel counts
waiting to the nanosecond, and most steps have none that it cannot count."""

QUICKEST = 0.003
"""Seconds by which even the quickest step must be too long for no waiting to explain it. Waits
for a core vary: beside 60 busy loops on two cores, of 14 pauses of a second the quickest was
late by 0.6 ms at most, in Python and Java."""

ENOUGH = 10
"""Steps from which on their middle, or their quickest, says something: those of five lines."""

MARGIN = 0.05
"""Seconds that no counter shows: an idle machine was once seen to stand still for 29 ms,
the steal time comes in ticks of 10 ms, and a stall shorter than a beat of the pulse can go
unfelt. Under load, what waiting does not explain was 0.03 ms."""


@dataclass(frozen=True)
class Sample:
    """The counters of the submission and of the machine at one moment, all in ns."""

    at: int
    """Wall-clock time when they began to be read."""
    waited: int
    """What all threads of the submission together had waited for a core until then."""
    over: int = 0
    """When they had been read; 0: at once."""
    ran: int = 0
    """What they had run on all cores together, at the least."""
    ended: bool = False
    """Whether threads have ended since the sample before: the last that they waited is lost."""
    stolen: int = 0
    """For how long the host of this machine had kept its cores from running (steal time)."""
    stalled: int = 0
    """For how long tasks of this machine had waited for a disk or for memory, and those of
    the submission been blocked in the kernel, at most."""
    delayed: int = 0
    """By how much the session itself had been late, as its pulse felt it."""
    pressure: int | None = None
    """For how long any task of this machine had waited for a core, averaged over the cores
    (`some` of /proc/pressure/cpu); None where the kernel does not say."""
    cores: int = 1
    idle: int = 0
    """For how long the cores together had had nothing to run."""
    pinned: bool = False
    """Whether the submission keeps threads of its own to some of the cores."""
    active: bool = True
    """Whether any thread of the submission ran, or waited for a core, just then."""

    @property
    def done(self) -> int:
        return max(self.at, self.over)


@dataclass(frozen=True)
class Waited:
    """What may explain a delay, in seconds. Each is what it was at the most: what all
    threads waited together, though some may have done so at the same time."""

    core: float = 0.0
    """Waited for a core that others had, by threads of which that is known."""
    machine: float = 0.0
    """The machine stood still, or waited for a disk or for memory."""
    unseen: float | None = 0.0
    """Waited for a core, at the most, by threads that have ended; None: nobody knows."""

    @property
    def known(self) -> float:
        """What has been measured."""
        return self.core + self.machine

    @property
    def most(self) -> float | None:
        """All that it can have been; None where nobody knows."""
        return None if self.unseen is None else self.known + self.unseen

    def __str__(self) -> str:
        """In words: `0.04 s of it waiting for a core`."""
        core = self.core + (self.unseen or 0.0)
        bound = "at most " if self.unseen else ""
        told = f"{bound}{core:.2f} s of it waiting for a core"
        if self.machine >= 0.005:  # what would be told as 0.00
            told += f", {self.machine:.2f} s held up by the machine"
        return told


NOBODY_KNOWS = Waited(unseen=None)

START_AT_MOST = 60.0
"""Seconds after which a program that waits for clients nowhere is given up, however long it
was kept waiting."""


def time_to_start(own: float, waited: Waited) -> float:
    """Seconds that a program has to open its port, of which `own` are its own: what it has
    been kept waiting meanwhile comes on top. One that keeps itself busy was not."""
    kept = waited.known if waited.most is None else waited.most
    return max(own, min(own + kept, START_AT_MOST))


@dataclass(frozen=True)
class Waiting:
    """The samples of one conversation, in the order of time."""

    samples: Sequence[Sample] = ()

    def between(self, begin: int, end: int) -> Waited:
        """What was waited between two moments (wall clock, ns).

        The nearest samples outside the span are taken: what they include too much
        speaks for the program.
        """
        before = [i for i, sample in enumerate(self.samples) if sample.done <= begin]
        after = [i for i, sample in enumerate(self.samples) if sample.at >= end]
        if not before or not after or begin > end:
            return NOBODY_KNOWS
        first, last = before[-1], after[0]
        a, b = self.samples[first], self.samples[last]
        others = used_by_others(a, b)
        core = max(0, min(b.waited - a.waited, others))
        machine = b.stolen - a.stolen + b.stalled - a.stalled + b.delayed - a.delayed
        # What threads that ended meanwhile can have waited unseen.
        ended = (index for index in range(first + 1, last + 1) if self.samples[index].ended)
        lost = [self._unseen(first, index, end) for index in ended]
        unseen = None if None in lost else sum(bound for bound in lost if bound is not None)
        longest = longest_wait(a, b)
        if unseen is not None and longest is not None:
            unseen = min(unseen, longest, (others - core) / NANOSECONDS)
        return Waited(core / NANOSECONDS, max(0, machine) / NANOSECONDS, unseen)

    def _unseen(self, first: int, index: int, end: int) -> float | None:
        """What threads that had ended at a sample can have waited at the most since `first`,
        and until `end`.

        A wait is counted when it is over: one that was under way when the thread was seen
        last had begun before that. One that can have lasted for all the time that is looked
        at may have begun earlier still.
        """
        seen = self.samples[index - 1]
        if not seen.active:
            passed = max(0, min(end, self.samples[index].done) - seen.at) / NANOSECONDS
            longest = longest_wait(seen, self.samples[index])
            return passed if longest is None else min(passed, longest)
        for begin in range(max(first, index - 2), first - 1, -1):
            since = self.samples[begin]
            bound = longest_wait(since, self.samples[index])
            if bound is None or bound < (seen.at - since.done) / NANOSECONDS:
                break
        return bound

    def since(self, begin: int) -> Waited:
        """What was waited from that moment, or from the first sample, until the last."""
        if not self.samples:
            return NOBODY_KNOWS
        first, last = self.samples[0], self.samples[-1]
        return self.between(max(begin, first.done), last.at)


def used_by_others(a: Sample, b: Sample) -> int:
    """For how long others than the submission can have used the cores between two samples, in
    ns, all cores together.

    What it has run itself was left to nobody else: a program whose threads keep each other
    waiting is not excused. Nor is one that keeps its threads off an idle core. For all others
    idle cores are no evidence: a container may be kept from cores that nobody uses.
    """
    free = max(a.cores, b.cores) * (b.done - a.at) - (b.ran - a.ran)
    return max(0, free - (b.idle - a.idle) if b.pinned else free)


def longest_wait(a: Sample, b: Sample) -> float | None:
    """How many seconds any one thread can have waited for a core between two samples.

    The kernel averages the time in which a task waited over the cores, weighted by the
    time in which each was not idle (kernel/sched/psi.c): a thread that waits for `w` of
    `t` seconds on one of `n` cores makes that at least w · w / (w + (n - 1) · t), and
    solved for `w`, this is how long it can have been. One that changes cores meanwhile can
    make it less where it waits for more than half of the time: then it may have been all.
    """
    if a.pressure is None or b.pressure is None:
        return None
    some = max(0, b.pressure - a.pressure) / NANOSECONDS
    seconds = (b.done - a.at) / NANOSECONDS
    others = (max(a.cores, b.cores) - 1) * seconds
    bound = (some + sqrt(some * some + 4 * some * others)) / 2
    return bound if bound <= seconds / 2 else seconds


def reckoned(
    failed: Attempt, delays: Sequence[Delay], waiting: Waiting, steps: Sequence[Delay] = ()
) -> Attempt:
    """The attempt that failed because of these delays, with how long the program was kept
    waiting: what explains all of them makes it INCONCLUSIVE. A delay beyond it, by more than
    a margin, is the program's own; and so is one that most of its `steps` have.

    What lies between, and a delay of which nobody knows, is as it was: it has to show again.
    """
    steady = steadily_late(steps, waiting)
    told = [(delay, waiting.between(_ns(delay.begin), _ns(delay.end))) for delay in delays]
    if not told:
        return failed
    delay, waited = max(told, key=lambda pair: _excess(*pair))
    if _excess(delay, waited) <= 0 and not steady:
        reason = f"{delay.told}, {waited}: that explains the {delay.beyond:.2f} s beyond its limit"
        doubted = replace(failed, outcome=Outcome.INCONCLUSIVE, fault=None, reason=reason)
        return replace(doubted, actual=delay.told)
    if failed.fault is not Fault.LATE:
        return failed
    known = [pair for pair in told if pair[1].most is not None]
    if not known:
        return replace(failed, own=steady)
    delay, waited = max(known, key=lambda pair: _excess(*pair))
    own = steady or _excess(delay, waited) > MARGIN
    return replace(failed, actual=f"{delay.told}, {waited}", own=own)


def steadily_late(steps: Sequence[Delay], waiting: Waiting) -> bool:
    """Whether the middle one of the steps takes too long, beyond all that the program was kept
    waiting in it; or even the quickest does, by itself. A stall lengthens some of them; a
    program that is kept waiting in each has none that is too long beyond that, or some that
    are quick; the slope of a program that drifts shows in most."""
    if len(steps) < ENOUGH:
        return False
    if min(step.beyond for step in steps) > QUICKEST:
        return True
    shares = []
    for step in steps:
        waited = waiting.between(_ns(step.begin), _ns(step.end)).most
        if waited is not None:
            shares.append((step.beyond - waited) / (step.end - step.begin))
    return 2 * len(shares) > len(steps) and median(shares) > STEADY


def _excess(delay: Delay, waited: Waited) -> float:
    """Seconds of the delay that are not explained."""
    return delay.beyond - (waited.known if waited.most is None else waited.most)


def _ns(seconds: float) -> int:
    return round(seconds * NANOSECONDS)
