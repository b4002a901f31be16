"""How long a program was kept waiting, and how much of a delay that explains. Pure.

A program that is ready to run but gets no core is late through no fault of its own. So is one that
waits for a disk, or stands still with the whole machine. The kernel counts such time; the rest of a
delay is the program's own. Time for which its own threads kept each other waiting is no excuse:
others cannot delay it for longer than they have used the cores.

Nothing is guessed: if it is unknown how long the program waited, the answer says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt
from statistics import median

from conformance.verdict.model import Attempt, Outcome
from conformance.verdict.violation import Delay, Fault

NANOSECONDS = 1_000_000_000

STEADY = 0.001
"""If a greater share of a step's time is unexplained, the delay is the program's own: the kernel
counts waits to the nanosecond, and most steps have no others."""

QUICKEST = 0.003
"""Seconds by which even the quickest step must be too long before waits no longer explain it. Waits
for a core vary: beside 60 busy loops on two cores, the quickest of 14 pauses of a second was late
by at most 0.6 ms, in Python and Java."""

MIN_STEPS = 10
"""The number of steps from which their median and minimum mean something: those of five lines."""

MARGIN = 0.05
"""Seconds of delay that no counter shows: an idle machine was once seen to stand still for 29 ms,
steal time comes in ticks of 10 ms, and a stall shorter than a tick of our event loop can go
unnoticed. Under load, waits explained all but 0.03 ms."""


@dataclass(frozen=True)
class Sample:
    """The counters of the submission and of the machine at one moment, all in ns."""

    at: int
    """Wall-clock time when the reading began."""
    waited: int
    """How long all threads of the submission together had waited for a core until then."""
    over: int = 0
    """When the reading ended; 0: at `at`."""
    ran: int = 0
    """How long they had run, on all cores together, at least."""
    ended: bool = False
    """Whether threads have ended since the sample before: their last waits are not counted."""
    stolen: int = 0
    """For how long the host of this machine had kept its cores from running (steal time)."""
    stalled: int = 0
    """For how long tasks of this machine had waited for a disk or for memory, or tasks of the
    submission had been blocked in the kernel, at most."""
    delayed: int = 0
    """By how much the session itself had been late, by its event-loop lag."""
    pressure: int | None = None
    """For how long any task of this machine had waited for a core, averaged over the cores
    (`some` of /proc/pressure/cpu); None where the kernel does not say."""
    cores: int = 1
    idle: int = 0
    """For how long the cores together had been idle."""
    pinned: bool = False
    """Whether the submission binds threads to some of the cores."""
    active: bool = True
    """Whether any thread of the submission was running or waiting for a core at that moment."""

    @property
    def done(self) -> int:
        return max(self.at, self.over)


@dataclass(frozen=True)
class Waited:
    """What may explain a delay, in seconds. Each is an upper bound: the waits of all threads are
    added up, though some may have waited at the same time."""

    core: float = 0.0
    """Waits of known length for a core that others used."""
    machine: float = 0.0
    """The machine's own: standstills, and waits for a disk or for memory."""
    unseen: float | None = 0.0
    """The most that threads which have ended may have waited for a core; None: unknown."""

    @property
    def known(self) -> float:
        """What has been measured."""
        return self.core + self.machine

    @property
    def most(self) -> float | None:
        """The most that can have been waited; None if unknown."""
        return None if self.unseen is None else self.known + self.unseen

    def __str__(self) -> str:
        """In words: `0.04 s of it waiting for a core`."""
        core = self.core + (self.unseen or 0.0)
        told = f"{'at most ' if self.unseen else ''}{core:.2f} s of it waiting for a core"
        if self.machine >= 0.005:  # less would print as 0.00
            told += f", {self.machine:.2f} s held up by the machine"
        return told


NOBODY_KNOWS = Waited(unseen=None)

START_AT_MOST = 60.0
"""Seconds after which a program that listens nowhere is given up, however long it was kept
waiting."""


def time_to_start(own: float, waited: Waited) -> float:
    """Seconds that a program has to open its port: its `own`, plus the time that it was kept
    waiting meanwhile. Time that it was busy does not count as waiting."""
    kept = waited.known if waited.most is None else waited.most
    return max(own, min(own + kept, START_AT_MOST))


@dataclass(frozen=True)
class Waiting:
    """The samples of one conversation, in the order of time."""

    samples: Sequence[Sample] = ()

    def between(self, begin: int, end: int) -> Waited:
        """How long the program was kept waiting between two moments (wall clock, ns).

        The nearest samples outside the span are used; what they include too much favours the
        program.
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
        # Uncounted waits of threads that ended meanwhile.
        ended = (index for index in range(first + 1, last + 1) if self.samples[index].ended)
        lost = [self._unseen(first, index, end) for index in ended]
        unseen = None if None in lost else sum(bound for bound in lost if bound is not None)
        longest = longest_wait(a, b)
        if unseen is not None and longest is not None:
            unseen = min(unseen, longest, (others - core) / NANOSECONDS)
        return Waited(core / NANOSECONDS, max(0, machine) / NANOSECONDS, unseen)

    def _unseen(self, first: int, index: int, end: int) -> float | None:
        """The most that threads which had ended by a sample can have waited, uncounted, from
        `first` until `end`.

        A wait is counted when it is over. So one that was going on when the thread was last seen
        had begun before that; and if it can have lasted for the whole span, it may have begun even
        earlier.
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
        """How long the program was kept waiting from that moment, or from the first sample, until
        the last."""
        if not self.samples:
            return NOBODY_KNOWS
        first, last = self.samples[0], self.samples[-1]
        return self.between(max(begin, first.done), last.at)


def used_by_others(a: Sample, b: Sample) -> int:
    """How long others than the submission can have used the cores between two samples, in ns, all
    cores together.

    Time that the submission ran itself is not others': a program whose threads keep each other
    waiting is not excused. Nor is one that keeps its threads off an idle core. Apart from that,
    idle cores prove nothing: a container may be kept from cores that nobody uses.
    """
    free = max(a.cores, b.cores) * (b.done - a.at) - (b.ran - a.ran)
    return max(0, free - (b.idle - a.idle) if b.pinned else free)


def longest_wait(a: Sample, b: Sample) -> float | None:
    """The most seconds that any one thread can have waited for a core between two samples.

    The kernel averages the time in which a task waited over the cores, weighted by the time in
    which each was not idle (kernel/sched/psi.c). A thread that waits for `w` of `t` seconds on one
    of `n` cores makes that average at least w · w / (w + (n - 1) · t), which is solved for `w`
    here. A thread that changes cores and waits for more than half of the time can make it less;
    then the bound is all of the time.
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
    """The attempt that failed by these delays, with how long the program was kept waiting. If that
    explains all of them, it is INCONCLUSIVE. A delay that exceeds it by more than a margin is the
    program's own, and so is one that most of the `steps` have.

    A delay in between, or one whose wait is unknown, decides nothing: it has to show again.
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
    if failed.fault is Fault.WRONG:
        return failed
    known = [pair for pair in told if pair[1].most is not None]
    if not known:
        return replace(failed, own=steady)
    delay, waited = max(known, key=lambda pair: _excess(*pair))
    own = steady or _excess(delay, waited) > MARGIN
    return replace(failed, actual=f"{delay.told}, {waited}", own=own)


def steadily_late(steps: Sequence[Delay], waiting: Waiting) -> bool:
    """Whether the median step is too long by more than the program was kept waiting in it, or even
    the quickest step is too long. A stall lengthens only some steps. If the program was kept
    waiting in each, waits explain them, or some steps are quick. A program that drifts is too slow
    in most."""
    if len(steps) < MIN_STEPS:
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
    """Seconds of the delay that waits do not explain."""
    return delay.beyond - (waited.known if waited.most is None else waited.most)


def _ns(seconds: float) -> int:
    return round(seconds * NANOSECONDS)
