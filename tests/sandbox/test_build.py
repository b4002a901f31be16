from __future__ import annotations

import fcntl
from pathlib import Path

import pytest
from trials import WITHIN, isolation_of

from conformance.sandbox import Isolation, SandboxError, Tier, run_build


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


def test_a_build_that_does_not_end(isolation: Isolation, scratch: Path) -> None:
    """It is killed, and so is the child that it had detached: its lock is free."""
    work = scratch / "work"
    script = "echo begun; setsid flock held sleep 1000 & sleep 1000"
    result = run_build(["/bin/sh", "-c", script], work, 1.0, isolation=isolation)
    assert (result.timed_out, result.output) == (True, "begun\n")
    with (work / "held").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_output_is_limited(isolation: Isolation, scratch: Path) -> None:
    command = ["/bin/sh", "-c", "yes | head -c 100000"]
    result = run_build(command, scratch / "work", WITHIN, 1000, isolation=isolation)
    assert "… 99000 bytes left out …" in result.output
    assert len(result.output) < 1100


def test_the_cache_is_home(isolation: Isolation, scratch: Path) -> None:
    cache = scratch / "cache"
    cache.mkdir()
    for _ in range(2):
        command = ["/bin/sh", "-c", "echo $VERSION >> $HOME/kept"]
        more = {"VERSION": "7"}
        result = run_build(
            command, scratch / "work", WITHIN, environment=more, cache=cache, isolation=isolation
        )
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
