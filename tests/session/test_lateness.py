"""Who is to blame for what came late: a server that is told to be late, and one that is
kept from running by others. The lab is one of the tests' own."""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from typing import Any

import psutil
import pytest

from conformance.sandbox.measure.counters import counts
from kit.desk import TRIES, Checked, Desk

pytestmark = pytest.mark.skipif(not counts(), reason="this kernel does not count what tasks wait")

CONTRACT = """# ticker: a lab for the tests

One paragraph.

## 1 Listening
- **1.1** MUST (1) `listens`: it listens.
- **1.2** MUST (2) `ticks`: it ticks twice a second.
"""

LAB = """
from pathlib import Path
from conformance import *
from conformance import Lab

SEEN = Path({seen!r})

ticker = Lab("ticker", __file__, parameters=[Parameter("port", 2323, "port")])

@ticker.scenario("1.1")
async def listens(server):
    "It listens."
    await server.expect_listening()

@ticker.scenario("1.2", alone=True)
async def ticks(server):
    "It ticks."
    count = len(list(SEEN.iterdir())) + 1
    (SEEN / str(count)).touch()
    async with server.connect() as client:
        await client.send_line(str({late}))
        times = [client.arrival(await client.read_line(patience=60)) for _ in range(4)]
    require(cadence(times, period=0.5, tolerance=0.25))
"""

KEEPS_ITSELF_WAITING = {
    "blocked in the kernel by a child of its own": """
        import ctypes

        CLONE_VFORK, ITS_NUMBER = 0x4000, {"x86_64": 56, "aarch64": 220}[os.uname().machine]

        def begin():
            if os.fork() == 0:
                ctypes.CDLL(None).syscall(ITS_NUMBER, CLONE_VFORK | signal.SIGCHLD, 0, 0, 0, 0)
                time.sleep(600)
    """,
    "its children have the core that it keeps to": """
        def begin():
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
            for _ in range(3):
                if os.fork() == 0:
                    while True:
                        pass
    """,
}
"""Servers that would have their own doing taken for the machine's: each is late always."""

ALWAYS_LATE = """
def answer(client, text):
    time.sleep(2.4)
    client.sendall(f"> {text.upper()}\\n".encode())

begin()
"""

TICKER = """
import os, socket, time

{first}

def ticks(client):
    late = float(client.makefile().readline())
    due = time.monotonic()
    for number in range(4):
        time.sleep(max(0.0, due - time.monotonic()) + late * (number == 2))
        ready = time.thread_time() + {work}
        while time.thread_time() < ready:
            pass
        client.sendall(b"tick\\n")
        due = time.monotonic() + 0.5 - {work}

listening = socket.create_server(("", 2323))
while True:
    client, _ = listening.accept()
    try:
        ticks(client)
    except (OSError, ValueError):
        pass
    client.close()
"""


def check(desk: Desk, *, late: str, first: str = "", work: float = 0.0) -> Checked:
    """A run of the lab; `late` is by how many seconds the third tick is, where `count` is
    how often the scenario has been held, and `work` what each takes the server."""
    folder = Path(tempfile.mkdtemp(prefix="labs-", dir=desk.folder))
    seen = Path(tempfile.mkdtemp(prefix="seen-", dir=desk.reports))
    folder.chmod(0o755)
    seen.chmod(0o1777)
    (folder / "ticker.md").write_text(CONTRACT)
    (folder / "ticker.py").write_text(LAB.format(seen=str(seen), late=late))
    program = desk.program(dedent(TICKER).format(first=first, work=work))
    checked = desk.check(program, "--labs", folder, lab="ticker")
    assert "Traceback" not in checked.stderr
    return checked


@contextmanager
def busy_loops(core: int, count: int) -> Iterator[None]:
    """Programs that keep a core busy. Sessions of their own: loops of one weigh as one."""
    source = f"import os; os.sched_setaffinity(0, {{{core}}})\nwhile True: pass"
    command = [sys.executable, "-c", source]
    loops = [subprocess.Popen(command, start_new_session=True) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def blames_the_machine(reason: str) -> bool:
    """Whether what the reason says was measured: this machine may be busy with anything."""
    measured = "s of it waiting for a core" in reason and ": that explains the" in reason
    return measured or "stood still" in reason


def used_by_others() -> float:
    """For how many seconds others than what the tests have started, and awaited, have used
    the cores of this machine."""
    every, ours = psutil.cpu_times(), resource.getrusage(resource.RUSAGE_CHILDREN)
    used = every.user + every.nice + every.system + every.irq + every.softirq + every.steal
    return float(used) - ours.ru_utime - ours.ru_stime


def failed(check: Callable[[], Checked], clause: str) -> dict[str, Any]:
    """The verdict of a check that fails the clause. One that does not has to blame the machine
    for what was measured, on a machine that others have used: then the check is made again.
    Where they use it all the time nothing can be shown, which is said."""
    for _ in range(TRIES):
        before = used_by_others()
        verdict = check().verdicts[clause]
        if verdict["outcome"] == "failed":
            return verdict
        assert used_by_others() - before > 0.3, "others have done nothing that explains it"
        held = (verdict, *verdict["earlier"])
        assert any(blames_the_machine(attempt["reason"]) for attempt in held), verdict
    pytest.skip(f"others kept this machine busy, {TRIES} times: lateness proves nothing here")


def test_lateness_of_the_programs_own_stands_when_it_does_not_show_again(desk: Desk) -> None:
    verdict = failed(lambda: check(desk, late="3.0 * (count == 1)"), "1.2")
    assert (verdict["fault"], verdict["own"]) == ("late", True)
    assert "between line 2 and line 3" in verdict["actual"]
    assert "s of it waiting for a core" in verdict["actual"]
    assert "(in 1 of " in verdict["actual"]
    assert verdict["waited"] is not None


def test_lateness_of_its_own_that_shows_again_needs_no_third_run(desk: Desk) -> None:
    verdict = failed(lambda: check(desk, late="3.0"), "1.2")
    assert "runs)" not in verdict["actual"]


def test_who_is_kept_from_running_is_never_blamed(desk: Desk) -> None:
    core = min(os.sched_getaffinity(0))
    pinned = f"os.sched_setaffinity(0, {{{core}}})"
    with busy_loops(core, 5):
        checked = check(desk, late="0.0", first=pinned, work=0.12)
    verdict = checked.verdicts["1.2"]
    assert verdict["outcome"] != "failed"
    held = [verdict, *verdict["earlier"]]
    assert max(attempt["waited"] or 0.0 for attempt in held) > 0.2
    for attempt in held:
        assert attempt["outcome"] != "inconclusive" or blames_the_machine(attempt["reason"])


@pytest.mark.skipif(platform.machine() not in ("x86_64", "aarch64"), reason="a number of clone(2)")
@pytest.mark.parametrize(
    "doing",
    [
        pytest.param("blocked in the kernel by a child of its own", marks=pytest.mark.slow),
        # It keeps a core busy, and beside others that do it proves nothing.
        pytest.param("its children have the core that it keeps to", marks=pytest.mark.heavy),
    ],
)
def test_who_keeps_itself_waiting_is_late_of_its_own(desk: Desk, doing: str) -> None:
    program = desk.echo(dedent(KEEPS_ITSELF_WAITING[doing]) + ALWAYS_LATE)
    verdict = failed(lambda: desk.check(program, "--only", "3.2"), "3.2")
    assert verdict["fault"] == "late"
