"""How long the threads of a program were kept waiting: as shares of the time that passed,
for this machine may be busy with anything."""

from __future__ import annotations

import itertools
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from conformance.sandbox import Isolation, World
from conformance.sandbox.measure import counters, wait_meter
from conformance.sandbox.measure.counters import counts
from conformance.sandbox.measure.wait_meter import WaitMeter
from conformance.verdict.delays import NANOSECONDS
from kit.trials import WITHIN, apart, python

pytestmark = pytest.mark.skipif(not counts(), reason="this kernel does not count what tasks wait")

BUSY = "print('busy', flush=True)\nwhile True: pass"
ASLEEP = "import time; print('asleep', flush=True); time.sleep(600)"
ON_ONE_CORE = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
LAST_OF_ALL = "os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))\n"

TALKS = """
import subprocess, sys, threading
for line in sys.stdin:
    if line == "thread\\n":
        thread = threading.Thread(target=lambda: None)
        thread.start()
        thread.join()
    if line == "child\\n":
        subprocess.run(["true"])
    print("done", flush=True)
"""


@contextmanager
def running(program: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A Python program. A session of its own: loops of one session weigh as one."""
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def meter_of(process: subprocess.Popen[str]) -> WaitMeter:
    return WaitMeter(lambda: [process.pid] if process.poll() is None else [])


def ran(meter: WaitMeter) -> float:
    """CPU seconds since the first sample."""
    samples = meter.waiting().samples
    return (samples[-1].ran - samples[0].ran) / NANOSECONDS


def seconds(meter: WaitMeter) -> float:
    samples = meter.waiting().samples
    return (samples[-1].done - samples[0].done) / NANOSECONDS


def until(enough: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN
    while not enough():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def has_run(meter: WaitMeter, least: float) -> bool:
    meter.sample()
    return ran(meter) > least


def is_idle(meter: WaitMeter) -> bool:
    """Whether the program did not run between two looks."""
    meter.sample()
    meter.sample()
    one, other = meter.waiting().samples[-2:]
    return one.ran == other.ran


def until_says(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == f"{word}\n"


def until_sleeps(process: subprocess.Popen[str]) -> None:
    """Who has just spoken may still wait for a core, to go to sleep."""
    it = psutil.Process(process.pid)
    until(lambda: it.status() == psutil.STATUS_SLEEPING)


def ask(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{word}\n")
    process.stdin.flush()
    until_says(process, "done")
    until_sleeps(process)


def test_who_shares_a_core_waits_for_it() -> None:
    with running(ON_ONE_CORE + BUSY) as one, running(ON_ONE_CORE + BUSY) as other:
        for process in (one, other):
            until_says(process, "busy")
        meter, rival = meter_of(one), meter_of(other)
        until(lambda: has_run(meter, 0.3) and has_run(rival, 0.3))
        for each in (meter, rival):
            waited = each.waiting().since(0)
            assert waited.core > 0.3 * (ran(each) + waited.core)


def test_who_sleeps_does_not_wait() -> None:
    with running(ON_ONE_CORE + ASLEEP) as asleep, running(ON_ONE_CORE + BUSY) as busy:
        until_says(asleep, "asleep")
        until_says(busy, "busy")
        until_sleeps(asleep)
        meter, rival = meter_of(asleep), meter_of(busy)
        until(lambda: is_idle(meter))
        meter.begin()
        meter.sample()
        until(lambda: has_run(rival, 0.3))
        meter.sample(last=True)
        assert meter.waiting().since(0).core < 0.05 * seconds(meter)


def test_a_wait_that_is_not_over_counts() -> None:
    with ExitStack() as programs:
        starved = programs.enter_context(running(ON_ONE_CORE + LAST_OF_ALL + BUSY))
        until_says(starved, "busy")
        meter = meter_of(starved)
        for _ in range(4):  # a loop of another session weighs as much, whatever its policy
            other = programs.enter_context(running(ON_ONE_CORE + BUSY))
            until_says(other, "busy")
            rival = meter_of(other)
        until(lambda: has_run(meter, 0.0))
        meter.begin()
        meter.sample()
        until(lambda: has_run(rival, 0.2))
        meter.sample(last=True)
        assert meter.waiting().since(0).core > 0.5 * seconds(meter)


@pytest.mark.parametrize("word", ["thread", "child"])
def test_threads_and_children_that_came_and_went_between_two_looks(word: str) -> None:
    with running(TALKS) as process:
        ask(process, "nothing")
        meter = meter_of(process)
        until(lambda: is_idle(meter))
        meter.begin()
        ask(process, word)
        until(lambda: meter.sample() > 0 and meter.waiting().samples[-1].ended)


def test_where_none_came_and_went_none_is_missed() -> None:
    with running(TALKS) as process:
        ask(process, "nothing")
        meter = meter_of(process)
        until(lambda: is_idle(meter))
        meter.begin()
        ask(process, "nothing")
        until(lambda: is_idle(meter))
        assert not any(sample.ended for sample in meter.waiting().samples)


def test_a_program_that_ends_is_no_error() -> None:
    with running(ASLEEP) as process:
        meter = WaitMeter(lambda: [process.pid])
        meter.sample()
        process.kill()
        process.wait()
        meter.sample(last=True)
        assert meter.waiting().samples[-1].ended
        assert meter.waiting().since(0).known >= 0.0


def test_our_own_delays_count() -> None:
    delays = iter((0.0, 0.25))
    meter = WaitMeter(list, lambda: next(delays))
    meter.sample()
    meter.sample()
    assert meter.waiting().since(0).machine >= 0.25


def test_a_conversation_has_samples_of_its_own() -> None:
    meter = WaitMeter(list)
    meter.sample()
    meter.begin()
    assert meter.waiting().samples == ()


def test_a_sample_that_is_fresh_serves_again() -> None:
    meter, long = WaitMeter(list), 600 * NANOSECONDS
    over = meter.sample()
    assert meter.sample_at_most(long) == over
    assert meter.sample_at_most(-1) > over
    assert len(meter.waiting().samples) == 2
    meter.begin()
    meter.sample_at_most(long)
    assert len(meter.waiting().samples) == 1, "that of another conversation does not serve"


def test_a_look_samples_during_conversations_only() -> None:
    with running(ASLEEP) as process:
        meter = WaitMeter(list)
        meter.look([process.pid])
        assert meter.waiting().samples == ()
        with meter.sampling():
            until(lambda: process.poll() is None and ran_after(meter, process.pid) > 0)
        samples = meter.waiting().samples
        meter.look([process.pid])
        assert meter.waiting().samples == samples


def ran_after(meter: WaitMeter, pid: int) -> int:
    """What a process has run, at a look that was told of it."""
    meter.look([pid])
    return meter.waiting().samples[-1].ran


def test_a_submission_is_seen_from_outside_its_world(isolation: Isolation, scratch: Path) -> None:
    def work() -> float:
        with World(isolation, scratch) as world:
            process = python(world, BUSY)
            meter = WaitMeter(process.pids)
            until(lambda: has_run(meter, 0.05))
            process.terminate(grace=0)
            meter.sample(last=True)
            return meter.waiting().samples[-1].ran / NANOSECONDS

    assert apart(work) > 0.05


LOOPS = "        while True: pass\n"
COME_AND_GO = """        while True:
            if os.fork() == 0:
                while time.process_time() < 0.1: pass
                os._exit(0)
            os.wait()
"""
FORKS = """import os, time
for _ in range({count}):
    if os.fork() == 0:
{doing}
print("ready", flush=True)
while True: time.sleep(0.01)
"""


@pytest.mark.parametrize(
    "program",
    [
        ON_ONE_CORE + FORKS.format(count=3, doing=LOOPS),
        ON_ONE_CORE + FORKS.format(count=3, doing=COME_AND_GO),
        FORKS.format(count=8, doing=LOOPS),
    ],
    ids=["on one core", "on one core, coming and going", "on all cores"],
)
def test_no_more_counts_than_others_have_used(program: str) -> None:
    """Children that keep their parent waiting, and one another."""
    with running(program) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        family = psutil.Process(process.pid)
        meter = WaitMeter(lambda: [each.pid for each in members(family)])
        used = busy()
        meter.sample()
        own = consumed(family)
        until(lambda: has_run(meter, 1.0))
        own = consumed(family) - own
        meter.sample(last=True)
        used = busy() - used
    waited = meter.waiting().since(0)
    assert waited.unseen is not None
    # For a core only: others may keep the machine's disk busy, and need no core for that.
    assert waited.core + waited.unseen <= used - own + 0.2 * seconds(meter)


def members(family: psutil.Process) -> list[psutil.Process]:
    return [family, *family.children(recursive=True)]


def consumed(family: psutil.Process) -> float:
    """CPU seconds of a process and all that it has started."""
    total = 0.0
    for each in members(family):
        with suppress(psutil.NoSuchProcess):
            total += sum(each.cpu_times()[:4])
    return total


def busy() -> float:
    """Seconds for which the cores of this machine were not idle, since any fixed moment."""
    times = psutil.cpu_times()
    return (os.cpu_count() or 1) * time.monotonic() - times.idle - times.iowait


VFORKS = """
import ctypes, os, signal, time
if os.fork() == 0:
    number = {"x86_64": 56, "aarch64": 220}[os.uname().machine]
    ctypes.CDLL(None).syscall(number, 0x4000 | signal.SIGCHLD, 0, 0, 0, 0)  # CLONE_VFORK
    time.sleep(600)
time.sleep(600)
"""


def has_a_child_that_waits(family: psutil.Process) -> bool:
    """For the third of them; before, it may have waited for a disk."""
    states = [each.status() for each in members(family)]
    return len(states) == 3 and psutil.STATUS_DISK_SLEEP in states


@pytest.mark.skipif(platform.machine() not in ("x86_64", "aarch64"), reason="a number of clone(2)")
def test_who_waits_for_its_own_child_is_not_held_up_by_the_machine() -> None:
    with running(VFORKS) as process:
        family = psutil.Process(process.pid)
        meter = WaitMeter(lambda: [each.pid for each in members(family)])
        until(lambda: has_a_child_that_waits(family))
        until(lambda: is_idle(meter))
        meter.begin()
        meter.sample()
        until(lambda: meter.sample() > 0 and seconds(meter) > 0.5)
        assert meter.waiting().since(0).machine < 0.5 * seconds(meter)


@pytest.mark.skipif(platform.machine() not in ("x86_64", "aarch64"), reason="a number of clone(2)")
@pytest.mark.parametrize("strained", [False, True])
def test_who_hides_why_it_is_blocked_has_the_pressure_speak(
    monkeypatch: pytest.MonkeyPatch, strained: bool
) -> None:
    """Where the kernel does not say where a thread waits: for a disk or for memory it does
    only while the pressure of either moves."""
    read, total = counters.read, itertools.count(step=strained)
    monkeypatch.setattr(counters, "read", lambda it, *to: b"" if "wchan" in it else read(it, *to))
    monkeypatch.setattr(counters, "pressure", lambda _: next(total))
    monkeypatch.setattr(counters, "idle_and_stolen", lambda: (0, 0))  # a tick of it is 10 ms
    monkeypatch.setattr(wait_meter, "_LONG", 0)
    with running(VFORKS) as process:
        family = psutil.Process(process.pid)
        meter = WaitMeter(lambda: [each.pid for each in members(family)])
        until(lambda: has_a_child_that_waits(family))
        until(lambda: is_idle(meter))
        meter.sample()
        meter.begin()
        meter.sample()
        meter.sample()
        assert (meter.waiting().since(0).machine > 0.5 * seconds(meter)) == strained


WRITES = """
import os, sys
with open(sys.argv[1], "wb") as file:
    for line in sys.stdin:
        if line == "write\\n":
            file.write(b"x" * 100_000)
            file.flush()
            os.fsync(file.fileno())
        print("done", flush=True)
"""


def test_waiting_for_a_disk_concerns_those_who_use_one(tmp_path: Path) -> None:
    """What the meter takes for the use of a disk; how long others wait for theirs is not in
    the hands of a test."""
    with running(WRITES, str(tmp_path / "file")) as process:
        ask(process, "nothing")
        meter = meter_of(process)
        until(lambda: is_idle(meter))
        assert not meter.uses_disk
        ask(process, "write")
        meter.sample()
        assert meter.uses_disk or os.stat(tmp_path / "file").st_dev in in_memory()


def in_memory() -> set[int]:
    """The file systems that are on no disk."""
    rows = [row.split() for row in Path("/proc/self/mountinfo").read_text().splitlines()]
    places = [row[4] for row in rows if row[row.index("-") + 1] in ("tmpfs", "ramfs")]
    return {os.stat(place).st_dev for place in places if os.path.exists(place)}
