from __future__ import annotations

import fcntl
import re
import subprocess
from itertools import count
from pathlib import Path
from types import ModuleType

import pytest

from conformance.sandbox import (
    CommandResult,
    Isolation,
    Limits,
    SandboxError,
    Tier,
    bubblewrap,
    run_build,
)
from conformance.sandbox.build import confined_build, watchdog
from conformance.sandbox.measure import exhaustion, proc
from conformance.sandbox.process.output import KEPT_BYTES
from kit.trials import WITHIN, isolation_of


def test_a_build_that_succeeds(isolation: Isolation, scratch: Path) -> None:
    work = scratch / "work"
    (work / "Main.java").write_text("public class Main { }")
    result = run_build(["javac", "Main.java"], work, WITHIN, isolation=isolation)
    assert (result.status, result.output, result.timed_out) == (0, "", False)
    assert (work / "Main.class").exists()


def test_a_build_that_fails(isolation: Isolation, scratch: Path) -> None:
    work = scratch / "work"
    (work / "Main.java").write_text("public class Main { int x = ; }")
    result = run_build(["javac", "Main.java"], work, WITHIN, isolation=isolation)
    assert result.status == 1
    assert "Main.java:1: error: illegal start of expression" in result.output


def cut_off(command: list[str], work: Path, isolation: Isolation) -> CommandResult:
    """A build that does not end, and says something before. Where the machine is too busy for
    it to come so far within a second, it is given more."""
    for seconds in (1.0, 5.0, WITHIN):
        result = run_build(command, work, seconds, isolation=isolation)
        if result.output:
            break
    return result


def test_a_build_that_does_not_end(isolation: Isolation, scratch: Path) -> None:
    """It is killed, and so is the child that it had detached: its lock is free."""
    work = scratch / "work"
    waits = "while ! test -e held; do sleep 0.01; done"
    script = f"setsid flock held sleep 1000 & {waits}; echo begun; sleep 1000"
    result = cut_off(["/bin/sh", "-c", script], work, isolation)
    assert (result.timed_out, result.output) == (True, "begun\n")
    with (work / "held").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)


STUBBORN = """
import os, signal, subprocess, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen(["flock", "held", "sleep", "1000"], start_new_session=True)
while not os.path.exists("held"):
    time.sleep(0.01)
print("begun", flush=True)
time.sleep(1000)
"""


def test_a_build_that_ignores_signals(isolation: Isolation, scratch: Path) -> None:
    work = scratch / "work"
    (work / "build.py").write_text(STUBBORN)
    result = cut_off(["/usr/bin/python3", "build.py"], work, isolation)
    assert (result.timed_out, result.exceeded, result.output) == (True, "", "begun\n")
    with (work / "held").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_output_without_end(isolation: Isolation, scratch: Path) -> None:
    result = cut_off(["yes"], scratch / "work", isolation)
    assert result.timed_out
    assert "bytes left out" in result.output
    assert len(result.output) < 2 * KEPT_BYTES + 100


def test_output_is_limited(isolation: Isolation, scratch: Path) -> None:
    command = ["/bin/sh", "-c", "yes | head -c 1000000"]
    result = run_build(command, scratch / "work", WITHIN, isolation=isolation)
    assert f"… {1_000_000 - 2 * KEPT_BYTES} bytes left out …" in result.output
    assert len(result.output) < 2 * KEPT_BYTES + 100


def test_the_cache_is_home(isolation: Isolation, scratch: Path) -> None:
    cache = scratch / "cache"
    cache.mkdir()
    for _ in range(2):
        command = ["/bin/sh", "-c", "echo 7 >> $HOME/kept"]
        result = run_build(command, scratch / "work", WITHIN, cache=cache, isolation=isolation)
        assert result.status == 0, result.output
    assert (cache / "kept").read_text() == "7\n7\n"


def test_a_missing_compiler_is_no_fault_of_the_submission(scratch: Path) -> None:
    with pytest.raises(SandboxError, match="no-such-compiler is not installed"):
        run_build(["no-such-compiler"], scratch / "work", WITHIN)


def test_a_build_cannot_write_elsewhere(scratch: Path) -> None:
    command = ["/bin/sh", "-c", "ls /home; echo x > /usr/x"]
    result = run_build(command, scratch / "work", WITHIN, isolation=isolation_of(Tier.FULL))
    assert result.status != 0
    assert set(result.output.split("\n")[0:2]) <= {"cache", "student"}


def stopped(source: str, scratch: Path, isolation: Isolation) -> str:
    """Why a build in Python was stopped."""
    (scratch / "work" / "build.py").write_text(f"import os, time\n{source}\ntime.sleep(1000)\n")
    command = ["/usr/bin/python3", "build.py"]
    result = run_build(command, scratch / "work", WITHIN, isolation=isolation)
    assert not result.timed_out, result.output
    assert result.status == confined_build.KILLED, result.output
    return result.exceeded


def test_too_much_memory(
    isolation: Isolation, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confined_build, "_LIMITS", Limits(memory_bytes=2**26))
    why = stopped("hoard = b'x' * 2**27", scratch, isolation)
    assert why.startswith("the build took 0.1 GiB of memory, more than the 0.0625 GiB that")


FORKS = """
count = 0
while count < 180:
    try:
        if os.fork() == 0:
            time.sleep(1000)
        count += 1
    except BlockingIOError:  # other builds of this machine are the same user's, and count too
        time.sleep(0.01)
"""


def test_too_many_processes(
    isolation: Isolation, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confined_build, "_LIMITS", Limits(processes=200))
    why = stopped(FORKS, scratch, isolation)
    assert re.match(r"the build held 1\d\d processes and threads, as many as", why), why


FILLERS = {
    "large": "open('large', 'wb').write(bytes(2**25))",
    "removed": "kept = open('removed', 'wb', 0); os.unlink('removed'); kept.write(bytes(2**25))",
    "in the home": "open(os.environ['HOME'] + '/large', 'wb').write(bytes(2**25))",
    "locked": (
        "os.mkdir('locked'); open('locked/large', 'wb').write(bytes(2**25)); os.chmod('locked', 0)"
    ),
    "deep": (
        "kept = open('large', 'wb', 0)\n"
        "for _ in range(5000): os.mkdir('deep'); os.chdir('deep')\n"
        "open('large', 'wb').write(bytes(2**25))"
    ),
}
DISK = (
    r"the build laid down \d+\.\d GiB of files, more than the 0\.015625 GiB that one may, and was"
)


@pytest.fixture
def losing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small limit, and a disk that seems to lose much all the time: others use the real
    one meanwhile."""
    left = (watchdog.Amount(size, size) for size in count(2**60, -(2**40)))
    monkeypatch.setattr(watchdog, "free_on_disk", lambda folder: next(left))
    monkeypatch.setattr(watchdog, "DISK_BYTES", 2**24)


@pytest.mark.usefixtures("losing")
@pytest.mark.parametrize("how", FILLERS)
def test_too_much_disk(scratch: Path, full: Isolation, how: str) -> None:
    cache = scratch / "cache"
    cache.mkdir()
    (scratch / "work" / "build.py").write_text(
        f"import os, time\n{FILLERS[how]}\ntime.sleep(1000)\n"
    )
    result = run_build(
        ["/usr/bin/python3", "build.py"], scratch / "work", WITHIN, cache=cache, isolation=full
    )
    # What Python's own way of removing it would stumble over.
    for tool in (["chmod", "-R", "u+rwx"], ["rm", "-rf"]):
        subprocess.run([*tool, scratch / "work"], check=True)
    assert re.match(DISK, result.exceeded), (result.exceeded, result.output)


@pytest.mark.usefixtures("losing")
def test_too_many_files(
    isolation: Isolation, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog, "DISK_FILES", 1000)
    why = stopped("for number in range(2000): os.mkdir(str(number))", scratch, isolation)
    assert re.match(r"the build laid down [12],\d{3} files, more than the 1,000 that one may", why)


@pytest.mark.usefixtures("losing")
def test_what_others_write_is_not_the_build_s(full: Isolation, scratch: Path) -> None:
    command = ["/bin/sh", "-c", "echo made > made; sleep 1"]  # it is looked at twice at least
    result = run_build(command, scratch / "work", WITHIN, isolation=full)
    assert (result.status, result.exceeded) == (0, "")


@pytest.mark.parametrize(("status", "told"), [(0, False), (1, True)])
@pytest.mark.parametrize(
    ("module", "counter", "what"),
    [(proc, "kills_for_memory", "memory"), (exhaustion, "refusals", "processes and threads")],
)
def test_a_machine_that_ran_out_of_something(
    full: Isolation,
    scratch: Path,
    monkeypatch: pytest.MonkeyPatch,
    module: ModuleType,
    counter: str,
    what: str,
    status: int,
    told: bool,
) -> None:
    """Where the kernel has ended or refused something, a build that failed proves nothing."""
    monkeypatch.setattr(module, counter, count().__next__)
    command = ["/bin/sh", "-c", f"exit {status}"]
    result = run_build(command, scratch / "work", WITHIN, isolation=full)
    assert result.status == status
    assert (f"ran out of {what}" in result.exceeded) is told


SHORT = "ls /proc/self > /dev/null; sleep 1; echo 'No space left on device'; exit 1"
"""It lasts for two looks at least."""


@pytest.mark.parametrize("gone", [False, True])
def test_a_disk_that_was_full(
    full: Isolation, scratch: Path, monkeypatch: pytest.MonkeyPatch, gone: bool
) -> None:
    """Also where there is room again when the build has failed; and not where there always was,
    whatever the build says."""
    answers = iter([True, True])
    monkeypatch.setattr(exhaustion, "is_full", lambda *_: next(answers, False) if gone else False)
    result = run_build(["/bin/sh", "-c", SHORT], scratch / "work", WITHIN, isolation=full)
    assert result.status == 1
    assert result.exceeded == ("the machine's disk was full meanwhile" if gone else "")


def test_a_full_tmp_of_its_own(
    full: Isolation, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How much may lie there is our measure, and costs nobody anything."""
    monkeypatch.setattr(bubblewrap, "_TMP_BYTES", 2**20)
    fill = "dd if=/dev/zero of=/tmp/x; sleep 1; rm /tmp/x; exit 1"
    result = run_build(["/bin/sh", "-c", fill], scratch / "work", WITHIN, isolation=full)
    assert (result.status, result.exceeded) == (1, "the build's /tmp was full meanwhile")
    result = run_build(["/bin/sh", "-c", "exit 1"], scratch / "work", WITHIN, isolation=full)
    assert (result.status, result.exceeded) == (1, "")
