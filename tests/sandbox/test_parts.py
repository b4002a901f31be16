"""The parts that need no namespace: output, paths, the lock, what a machine allows."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from conformance.sandbox import (
    HostLock,
    Limits,
    Output,
    SandboxError,
    Tier,
    bubblewrap,
    by_root,
    uids,
)
from conformance.sandbox import probe as probe_now
from conformance.sandbox.process.output import tail_of_text
from kit.trials import WITHIN, apart


def output_of(data: bytes, kept: int) -> Output:
    reading, writing = os.pipe()
    output = Output(reading, kept)
    for start in range(0, len(data), 1000):
        os.write(writing, data[start : start + 1000])
        assert output.drain()
    os.close(writing)
    assert not output.drain()
    output.close()
    return output


@pytest.mark.parametrize("length", [0, 1, 99, 100, 101, 150, 199, 200])
def test_output_that_is_kept_whole(length: int) -> None:
    text = "".join(chr(97 + number % 26) for number in range(length))
    output = output_of(text.encode(), kept=100)
    assert output.text() == text
    assert output.head() == text[:100]
    assert output.total == length


def test_output_that_is_too_long() -> None:
    output = output_of(b"a" * 100 + b"b" * 5000 + b"c" * 100, kept=100)
    assert output.text() == "a" * 100 + "\n… 5000 bytes left out …\n" + "c" * 100


@pytest.mark.parametrize("first", [0, 50, 100, 2_000, 5_150])
def test_a_part_of_the_output_says_what_is_left_out_of_it(first: int) -> None:
    text = "a" * 100 + "b" * 5000 + "c" * 100
    output = output_of(text.encode(), kept=100)
    part = output.between(first, 5_200)
    ends = [text[first:100], text[max(first, 5_100) :]]
    gap = f"\n… {5_200 - first - sum(map(len, ends))} bytes left out …\n"
    assert part == (gap if first < 5_100 else "").join(ends)
    assert output.between(0, 60) == "a" * 60
    assert output.between(20, 10) == ""


def test_output_is_known_by_the_time_when_it_came() -> None:
    reading, writing = os.pipe()
    output = Output(reading, 100)
    before = time.time_ns()
    assert output.written_by(before) == 0
    os.write(writing, b"one")
    output.drain()
    between = time.time_ns()
    os.write(writing, b"three")
    output.drain()
    assert [output.written_by(at) for at in (before - 1, between, time.time_ns())] == [0, 3, 8]
    os.close(writing)
    output.close()


def test_output_shows_what_is_no_text() -> None:
    assert output_of(b"\x1b[31m\xff\n", kept=100).tail() == "\x1b[31m\\xff"


def test_tail() -> None:
    assert tail_of_text("a\nb\nc\n", 2) == "b\nc"
    assert tail_of_text("", 2) == ""


def test_large_machines_limit_the_heap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sysconf", lambda name: {"SC_PAGE_SIZE": 4096}.get(name, 2**26))
    variables = bubblewrap.environment({}, Limits(), "/home/student", [])
    assert variables["JAVA_TOOL_OPTIONS"] == "-Xmx1024m"


def test_lock_waits_for_its_turn_in_vain(tmp_path: Path) -> None:
    def work() -> None:
        with pytest.raises(SandboxError, match=r"kept this machine's network for 0.05 s"):
            HostLock(within=0.05, folder=tmp_path).__enter__()

    with HostLock(within=5.0, folder=tmp_path):
        apart(work)


def test_lock_is_free_when_its_holder_is_killed(tmp_path: Path) -> None:
    reading, writing = os.pipe()

    def work() -> int:
        child = os.fork()
        if child == 0:
            HostLock(within=5.0, folder=tmp_path).__enter__()
            os.write(writing, b"x")
            signal.pause()
        os.read(reading, 1)
        os.kill(child, signal.SIGKILL)
        with HostLock(within=WITHIN, folder=tmp_path):
            return os.waitpid(child, 0)[1]

    assert apart(work) == signal.SIGKILL


def test_identities_differ() -> None:
    first, second = uids.claim_identity(), uids.claim_identity()
    assert first.uid != second.uid
    for one in (first, second):
        one.claim.close()


@pytest.mark.parametrize("tier", [Tier.NETWORK, Tier.NONE])
def test_less_can_be_asked_for(tier: Tier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFORMANCE_TIER", tier)
    probe_now.cache_clear()
    isolation = probe_now()
    probe_now.cache_clear()
    assert isolation.tier is tier or isolation.tier is Tier.NONE
    assert isolation.reason == f"CONFORMANCE_TIER asks for {tier}" or isolation.remedy


def test_without_bubblewrap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    probe_now.cache_clear()
    isolation = probe_now()
    probe_now.cache_clear()
    assert isolation.tier is not Tier.FULL
    assert isolation.reason == "bubblewrap is not installed"
    assert isolation.remedy == by_root("apt-get install bubblewrap")


@pytest.mark.parametrize(
    ("user", "has_sudo", "told"),
    [
        (0, True, "apt-get install x"),
        (0, False, "apt-get install x"),
        (1000, True, "sudo apt-get install x"),
        (1000, False, "as root: apt-get install x"),
    ],
)
def test_nobody_is_told_to_use_a_sudo_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, user: int, has_sudo: bool, told: str
) -> None:
    if has_sudo:
        (tmp_path / "sudo").touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: user)
    assert by_root("apt-get install x") == told
