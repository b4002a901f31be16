"""Measures how long a submission's threads are kept waiting, from the kernel's counters.

`/proc/PID/task/TID/schedstat` says how long a thread has waited for a core (the kernel's
Documentation/scheduler/sched-stats). The figure is lost when the thread ends. So the meter has
to know whether one has ended, even one that came and went between two samples: the CPU clock
of a process includes its ended threads, and its fault counters the children it waited for.

A program can keep itself waiting. So the meter also reads how long the program ran, for how long
cores were idle that it had excluded, and whether a blocked thread waits for a child of its own.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from conformance.sandbox.measure import counters
from conformance.verdict.delays import NANOSECONDS, Sample, Waiting

TRIES = 3
"""How often a process is read while its threads run, so that their sum differs from its clock."""

_CORES = os.sysconf("SC_NPROCESSORS_ONLN")
_ASLEEP = {b"S", b"I", b"T", b"t", b"Z", b"X", b""}
"""The states of threads that neither run nor wait for a core."""
_VFORK = {b"kernel_clone", b"wait_for_vfork_done", b"_do_fork", b"do_fork"}
"""Kernel functions in which a thread waits for its child of vfork(2) to end, or to execute a
program. That is the child's doing, whose own waiting is counted."""
_HIDDEN = {b"", b"0"}
"""What /proc/PID/task/TID/wchan says where it may not be read, or the thread does not wait."""
_LONG = round(1.5 * NANOSECONDS)
"""No thread waits this long for a disk or for memory while their pressure counters stand still."""


@dataclass(frozen=True)
class _Thread:
    """One thread in one sample, all in ns."""

    ran: int
    waited: int
    since: int
    """When its figures last changed (wall clock)."""
    state: bytes
    """A letter of proc_pid_stat(5), read right before."""


@dataclass(frozen=True)
class _ProcessCounts:
    """One process in one sample."""

    threads: Mapping[int, _Thread] = field(default_factory=dict)
    """The live threads."""
    ran: int = 0
    """CPU time of all its threads, ended ones included, in ns."""
    children_ran: int = 0
    """CPU time of the ended children that it has waited for, and of theirs, in ns."""
    dead: tuple[int, int] = (0, 0)
    """CPU time of its ended threads (ns), and page faults of its ended children."""
    disk: tuple[bytes, ...] = ()
    """Counters that change whenever it reads from a disk or writes to one; () where unknown."""


class WaitMeter:
    """Samples the counters of one submission during its conversations."""

    def __init__(
        self, pids: Callable[[], Sequence[int]], delayed: Callable[[], float] = lambda: 0.0
    ) -> None:
        """`pids` lists the submission's processes as they are now; `delayed` returns the seconds
        that we ourselves have been late in all, since any fixed moment."""
        self._pids = pids
        self._delayed = delayed
        self._counts = counters.counts()
        self._looks: dict[int, _ProcessCounts] = {}
        """Each process, as it was read last."""
        self._ran = 0
        """CPU time of all processes, in ns, at least."""
        self._cores = counters.affinity(0) or set()
        self._pinned = False
        """Whether a thread was restricted to fewer cores than the submission might use."""
        self._gone = 0
        """What ended threads had waited, as far as it was read."""
        self._blocked = 0
        """For how many ns threads were blocked in the kernel, at most."""
        self._is_blocked = False
        self._is_active = True
        self.uses_disk = True
        """Whether the submission used a disk since the last sample, as far as is known."""
        self._waited_for_disk = 0
        """For how many ns tasks of this machine waited for a disk while the submission used one."""
        self._io = self._memory = 0
        """For how many ns any task of this machine has waited for a disk, and for memory."""
        self._io_before = 0
        self._strained = True
        """Whether any has waited since the last sample."""
        self._looked = 0
        """When the last sample was complete (wall clock, ns)."""
        self._samples: list[Sample] = []
        self._sampling = False

    def begin(self) -> None:
        """Forgets the samples: a new conversation begins."""
        self._pinned = False
        self._samples.clear()

    @contextlib.contextmanager
    def sampling(self) -> Iterator[None]:
        """Samples at the beginning of the block, at its end, and at each `look` between."""
        self.sample()
        self._sampling = True
        try:
            yield
        finally:
            self._sampling = False
            self.sample(last=True)

    def look(self, pids: Sequence[int]) -> None:
        """Samples if a `sampling` block is open; `pids` are the submission's processes, which the
        caller has just listed for another purpose."""
        if self._sampling:
            self.sample(pids)

    def sample_at_most(self, old: int) -> int:
        """When the last sample was complete, in ns, if that is no longer ago than `old`; else
        samples once, as `sample` does."""
        if self._samples and 0 <= time.time_ns() - self._samples[-1].over <= old:
            return self._samples[-1].over
        return self.sample()

    def sample(self, pids: Sequence[int] | None = None, *, last: bool = False) -> int:
        """Samples once; returns when that was complete, in ns. The kernel counts a wait when it is
        over: with `last`, waits that are not over are included."""
        began = time.time_ns()
        if not self._counts:
            return began
        self._note_pressure()
        before, looks, ended = self._threads(), {}, False
        for pid in self._pids() if pids is None else pids:
            seen = self._look_at(pid)  # None: it has ended, or runs too fast to be read
            looks[pid] = seen or self._as_before(pid)
            ended |= seen is None or seen.dead != self._before(pid).dead
        self._note_ran(looks)
        disks = [(look.disk, self._before(pid).disk) for pid, look in looks.items()]
        self._looks = looks
        threads = self._threads()
        lost = before.keys() - threads.keys()
        ended |= bool(lost)
        self._gone += sum(before[key].waited for key in lost)
        over = time.time_ns()
        self._note_blocked(over)
        waited = self._gone + sum(thread.waited for thread in threads.values())
        if last:
            waited += sum(self._still_waits(thread, over) for thread in threads.values())
        self._note_disk(uses=ended or any(not now or now != then for now, then in disks))
        # The kernel averages over the cores: where the others are busy, a task that waits all
        # the time makes up only one core's part.
        stalled = (self._waited_for_disk + self._memory) * _CORES
        idle, stolen = counters.idle_and_stolen()
        sample = Sample(
            began,
            waited,
            over=over,
            ran=self._ran,
            ended=ended,
            stolen=stolen,
            stalled=stalled + self._blocked,
            delayed=round(self._delayed() * NANOSECONDS),
            pressure=counters.pressure("cpu"),
            cores=_CORES,
            idle=idle,
            pinned=self._pinned,
            active=self._is_active,
        )
        self._samples.append(sample)
        return over

    def waiting(self) -> Waiting:
        """All samples of this conversation."""
        return Waiting(tuple(self._samples))

    def _threads(self) -> dict[tuple[int, int], _Thread]:
        """All threads, as they were read last."""
        looks = self._looks.items()
        return {(pid, tid): it for pid, look in looks for tid, it in look.threads.items()}

    def _before(self, pid: int) -> _ProcessCounts:
        """A process, as it was read last; zeros where it never was."""
        return self._looks.get(pid, _ProcessCounts())

    def _note_ran(self, looks: Mapping[int, _ProcessCounts]) -> None:
        """Add what the processes have run since the last sample: the larger of two sums, neither of
        which is too large. Of processes that have ended since, the first leaves out what they ran
        after the last sample, the second those that no process of the submission waited for."""
        seen = sum(look.ran - self._before(pid).ran for pid, look in looks.items())
        now = sum(look.ran + look.children_ran for look in looks.values())
        before = sum(look.ran + look.children_ran for look in self._looks.values())
        self._ran += max(0, seen, now - before)

    def _note_blocked(self, now: int) -> None:
        """Note what the threads are doing now. No counter includes a thread blocked in the kernel
        (state D): it may have been so since the last sample, and may remain so until the next."""
        was = self._is_blocked
        states = {thread.state for thread in self._threads().values()}
        self._is_blocked, self._is_active = b"D" in states, not states <= _ASLEEP
        if (was or self._is_blocked) and self._looked:
            self._blocked += now - self._looked
        self._looked = now

    def _note_pressure(self) -> None:
        io, memory = counters.pressure("io"), counters.pressure("memory")
        self._strained = None in (io, memory) or (io, memory) != (self._io, self._memory)
        self._io_before = self._io
        self._io, self._memory = io or 0, memory or 0

    def _note_disk(self, *, uses: bool) -> None:
        """Other tasks may wait for disks all the time. That matters to a submission that uses a
        disk, or began to before the last sample."""
        if uses or self.uses_disk:
            self._waited_for_disk += self._io - self._io_before
        self.uses_disk = uses

    def _look_at(self, pid: int) -> _ProcessCounts | None:
        """The figures of one process; None where they cannot be read consistently."""
        for _ in range(TRIES):  # the same clock before and after: all is of one moment
            clock = counters.clock(pid)
            threads = {
                tid: thread for tid in counters.tids(pid) if (thread := self._thread(pid, tid))
            }
            if clock is not None and clock == counters.clock(pid):
                ran = sum(thread.ran for thread in threads.values())
                stat = counters.stat(pid)
                dead = (clock - ran, stat.children_faults)
                disk = counters.disk_use(pid, stat.major_faults)
                return _ProcessCounts(threads, clock, stat.children_ran, dead, disk)
        return None

    def _as_before(self, pid: int) -> _ProcessCounts:
        """A process, as it was read last, but with its CPU time of now."""
        before = self._before(pid)
        ran = counters.clock(pid) or before.ran
        children = counters.stat(pid).children_ran or before.children_ran
        return replace(before, ran=ran, children_ran=children, disk=())

    def _thread(self, pid: int, tid: int) -> _Thread | None:
        # The state first: a thread that sleeps now, and waits when the figures are read, began
        # to wait in between.
        state = counters.state(pid, tid)
        found = counters.read(f"/proc/{pid}/task/{tid}/schedstat").split()
        if len(found) < 2:
            return None  # it has ended meanwhile
        ran, waited = int(found[0]), int(found[1])
        known = self._before(pid).threads.get(tid)
        same = known is not None and (known.ran, known.waited) == (ran, waited)
        since = known.since if known and same else time.time_ns()
        cores = counters.affinity(tid)
        self._pinned |= cores is not None and not cores >= self._cores
        if state == b"D" and self._blocks_itself(pid, tid, since):
            state = b"S"
        if known and same and known.state == state:
            return known
        return _Thread(ran, waited, since, state)

    def _blocks_itself(self, pid: int, tid: int, since: int) -> bool:
        """Whether a thread that is blocked in the kernel is so by its own doing."""
        where = counters.read(f"/proc/{pid}/task/{tid}/wchan")
        long = not self._strained and time.time_ns() - since > _LONG
        return where in _VFORK or (where in _HIDDEN and long)

    def _still_waits(self, thread: _Thread, now: int) -> int:
        """For how many ns a thread has been waiting for a core until now, at most."""
        earlier = self._samples[-1].over if self._samples else now
        if thread.since > earlier or thread.state != b"R":
            return 0  # it has run since the last sample, or does not want to run
        return now - thread.since
