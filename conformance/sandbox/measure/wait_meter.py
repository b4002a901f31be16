"""Reads, from the kernel, how long a submission's threads have been kept waiting.

`/proc/PID/task/TID/schedstat` has what a thread waited for a core (proc_pid_schedstat of
the kernel's Documentation/scheduler/sched-stats), and takes it along when the thread ends.
So it has to be known that none has ended, also none that had come and gone between two
looks: the CPU clock of a process counts its dead threads too, and its faults those of the
children that it has waited for.

A program can keep itself waiting, on purpose or not. So it is also read what it ran itself,
for how long cores were idle while it kept itself to others, and whether a thread that is
blocked in the kernel waits for a child of its own.
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
"""How often a process is looked at whose threads run meanwhile, so that the sum of what they
have run differs from its clock."""

_CORES = os.sysconf("SC_NPROCESSORS_ONLN")
_ASLEEP = {b"S", b"I", b"T", b"t", b"Z", b"X", b""}
"""States of threads that neither run nor want to."""
_VFORK = {b"kernel_clone", b"wait_for_vfork_done", b"_do_fork", b"do_fork"}
"""Where in the kernel one waits for its child of vfork(2) to end, or to execute a program: that
is the child's doing, and what the child waits for is counted as its own."""
_HIDDEN = {b"", b"0"}
"""What /proc/PID/task/TID/wchan says where it may not be read, or nothing waits."""
_LONG = round(1.5 * NANOSECONDS)
"""For a disk or for memory nobody waits this long while their pressure does not move."""


@dataclass(frozen=True)
class _Thread:
    """One thread at one look, all in ns."""

    ran: int
    waited: int
    since: int
    """Since when it has shown these figures (wall clock)."""
    state: bytes
    """The letter of proc_pid_stat(5), as it was just before."""


@dataclass(frozen=True)
class _ProcessCounts:
    """One process at one look."""

    threads: Mapping[int, _Thread] = field(default_factory=dict)
    """Those that live."""
    ran: int = 0
    """What all its threads have run, the dead ones included, in ns."""
    children_ran: int = 0
    """What its dead children had run that it has waited for, and theirs, in ns."""
    dead: tuple[int, int] = (0, 0)
    """What its dead threads had run (ns), and how often its dead children had faulted."""
    disk: tuple[bytes, ...] = ()
    """What changes whenever it reads from a disk, or writes to one; () where nobody knows."""


class WaitMeter:
    """Samples the counters of one submission, during its conversations."""

    def __init__(
        self, pids: Callable[[], Sequence[int]], delayed: Callable[[], float] = lambda: 0.0
    ) -> None:
        """`pids` lists the submission's processes as they are now; `delayed` tells by how
        many seconds we ourselves have been late, since any fixed moment."""
        self._pids = pids
        self._delayed = delayed
        self._counts = counters.counts()
        self._looks: dict[int, _ProcessCounts] = {}
        """Each process, as it was looked at last."""
        self._ran = 0
        """What all processes have run, in ns, at the least."""
        self._cores = counters.affinity(0) or set()
        self._pinned = False
        """Whether it was seen to keep a thread from cores that it might use."""
        self._gone = 0
        """What threads had waited that have ended since, as far as it was seen."""
        self._blocked = 0
        """For how many ns threads were blocked in the kernel, at the most."""
        self._is_blocked = False
        self._is_active = True
        self.uses_disk = True
        """Whether it used one since the look before, as far as is known."""
        self._waited_for_disk = 0
        """For how many ns tasks of this machine waited for a disk while ours used one."""
        self._io = self._memory = 0
        """For how many ns any task of this machine had waited for a disk, and for memory."""
        self._io_before = 0
        self._strained = True
        """Whether any did since the look before."""
        self._looked = 0
        """When the look before was over (wall clock, ns)."""
        self._samples: list[Sample] = []
        self._sampling = False

    def begin(self) -> None:
        """A new conversation begins: forgets the samples."""
        self._pinned = False
        self._samples.clear()

    @contextlib.contextmanager
    def sampling(self) -> Iterator[None]:
        """Samples at the beginning of the block and at its end, and at each look between."""
        self.sample()
        self._sampling = True
        try:
            yield
        finally:
            self._sampling = False
            self.sample(last=True)

    def look(self, pids: Sequence[int]) -> None:
        """Samples if a `sampling` block is open; `pids` are the submission's processes, as they
        have just been listed for another purpose."""
        if self._sampling:
            self.sample(pids)

    def sample(self, pids: Sequence[int] | None = None, *, last: bool = False) -> int:
        """Looks once; returns when that was done, in ns. A wait is counted by the kernel
        when it is over: with `last`, those that are not over are looked for, too."""
        began = time.time_ns()
        if not self._counts:
            return began
        self._feel_pressure()
        before, looks, ended = self._threads(), {}, False
        for pid in self._pids() if pids is None else pids:
            seen = self._look_at(pid)  # None: it has ended, or runs too fast to be looked at
            looks[pid] = seen or self._as_before(pid)
            ended |= seen is None or seen.dead != self._before(pid).dead
        self._feel_ran(looks)
        disks = [(look.disk, self._before(pid).disk) for pid, look in looks.items()]
        self._looks = looks
        threads = self._threads()
        lost = before.keys() - threads.keys()
        ended |= bool(lost)
        self._gone += sum(before[key].waited for key in lost)
        over = time.time_ns()
        self._feel_blocked(over)
        waited = self._gone + sum(thread.waited for thread in threads.values())
        if last:
            waited += sum(self._still_waits(thread, over) for thread in threads.values())
        self._feel_disk(uses=ended or any(not now or now != then for now, then in disks))
        # Averaged over the cores by the kernel: where all others are busy, a task that waits
        # all the time makes no more than one part of it.
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
        """All threads, as they were looked at last."""
        looks = self._looks.items()
        return {(pid, tid): it for pid, look in looks for tid, it in look.threads.items()}

    def _before(self, pid: int) -> _ProcessCounts:
        """A process, as it was looked at last; without figures where it never was."""
        return self._looks.get(pid, _ProcessCounts())

    def _feel_ran(self, looks: Mapping[int, _ProcessCounts]) -> None:
        """What the processes have run since the look before. Of those that have ended since,
        the first reckoning leaves out the last that they ran, the second those that no process
        of the submission has waited for: neither is too much."""
        seen = sum(look.ran - self._before(pid).ran for pid, look in looks.items())
        now = sum(look.ran + look.children_ran for look in looks.values())
        before = sum(look.ran + look.children_ran for look in self._looks.values())
        self._ran += max(0, seen, now - before)

    def _feel_blocked(self, now: int) -> None:
        """What the threads are doing just now. One that waits in the kernel for another to
        let go of something (state D) is counted by nothing: it may have done so since the
        look before, and may go on until the next."""
        was = self._is_blocked
        states = {thread.state for thread in self._threads().values()}
        self._is_blocked, self._is_active = b"D" in states, not states <= _ASLEEP
        if (was or self._is_blocked) and self._looked:
            self._blocked += now - self._looked
        self._looked = now

    def _feel_pressure(self) -> None:
        io, memory = counters.pressure("io"), counters.pressure("memory")
        self._strained = None in (io, memory) or (io, memory) != (self._io, self._memory)
        self._io_before = self._io
        self._io, self._memory = io or 0, memory or 0

    def _feel_disk(self, *, uses: bool) -> None:
        """Others may wait for disks all the time: that concerns a submission which uses one,
        or began to before the look before."""
        if uses or self.uses_disk:
            self._waited_for_disk += self._io - self._io_before
        self.uses_disk = uses

    def _look_at(self, pid: int) -> _ProcessCounts | None:
        """What one process shows; None where that cannot be told."""
        for _ in range(TRIES):  # with the same clock before and after, all is of one moment
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
        """What a process showed when it was looked at last; but what it has run is known."""
        before = self._before(pid)
        ran = counters.clock(pid) or before.ran
        children = counters.stat(pid).children_ran or before.children_ran
        return replace(before, ran=ran, children_ran=children, disk=())

    def _thread(self, pid: int, tid: int) -> _Thread | None:
        # The state first: who sleeps then, and waits when the figures are read, began since.
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
        """Whether a thread that is blocked in the kernel cannot be so by the machine."""
        where = counters.read(f"/proc/{pid}/task/{tid}/wchan")
        long = not self._strained and time.time_ns() - since > _LONG
        return where in _VFORK or (where in _HIDDEN and long)

    def _still_waits(self, thread: _Thread, now: int) -> int:
        """For how many ns a thread has been waiting for a core until now, at the most."""
        earlier = self._samples[-1].over if self._samples else now
        if thread.since > earlier or thread.state != b"R":
            return 0  # it has run since the look before, or does not want to
        return now - thread.since
