"""The same attacks at build time: a build is confined, and watched, as its program is.

By a Makefile, by npm, by an annotation processor, by what Maven loads before any plugin.
"""

from __future__ import annotations

import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from kit.arena import (
    OUTSIDE_PORT,
    PROGRAMS,
    SOME,
    Attacks,
    Neighbour,
    User,
    at_build,
    attacks_at_build,
    compiled_c,
    in_maven,
    loot,
    stopped,
    unharmed,
)
from kit.desk import CHECK_SECONDS, REPOSITORY, Checked, Desk

PACKAGE = REPOSITORY / "conformance"


@pytest.fixture(params=["make", "npm", "processor", "maven"])
def way(request: pytest.FixtureRequest) -> str:
    """What runs the attack."""
    if request.param == "processor":
        said = subprocess.run(["javac", "-version"], check=True, capture_output=True, text=True)
        version = re.search(r"\d+", said.stdout + said.stderr)
        if version and int(version[0]) >= 23:
            pytest.skip("from 23 on, javac runs a processor only where it is told to")
    return str(request.param)


def got(checked: Checked, way: str) -> list[str]:
    """What the attacks got. Maven has no plugins here, without a network: there it is the
    build itself that tells, and the verdict is that nothing is known."""
    if way != "maven":
        unharmed(checked)
        return loot(checked)
    assert checked.outcomes["1.1"] == "inconclusive", checked.stdout
    assert checked.status == 3
    said = checked.verdicts["1.1"]["output"]
    assert "attack is over" in said, said
    return sorted(set(re.findall(r"^got: (.*)$", said, re.MULTILINE)))


def test_sniffs_and_spoofs(desk: Desk, user: User) -> None:
    checked = desk.check(at_build(desk, "sniffs"), *SOME, command=user.words)
    unharmed(checked)
    assert loot(checked) == []


def test_reads_writes_and_connects_where_it_must_not(desk: Desk, user: User, way: str) -> None:
    """One attack after another, in one build: what each is after is there."""
    secret = [secrets.token_hex(4), secrets.token_hex(4)]
    home, other = desk.folder / "home", desk.folder / "other-student"
    for folder in (home, other):
        folder.mkdir()
        (folder / "notes.txt").write_text("-".join(secret))
        folder.chmod(0o755)
    readable = [home, other, desk.reports, PACKAGE, "/root", "/etc/shadow"]
    results = desk.reports / "results.jsonl"
    results.write_text("{}\n")
    results.chmod(0o666)
    contract = PACKAGE / "labs" / "echo" / "echo.md"
    writable = [results, desk.reports, contract, "/etc", "/usr/local/bin"]
    name = f"outside-{secrets.token_hex(4)}"
    notes = desk.reports / "came.txt"
    hosts = ["127.0.0.1", "198.51.100.7", "::1", "2001:db8::7"]
    targets = [(host, OUTSIDE_PORT) for host in hosts]
    attacks: Attacks = {
        "reads": {"secret": secret, "paths": [str(path) for path in readable]},
        "writes": {"paths": [str(path) for path in writable]},
        "connects": {"tcp": targets, "udp": targets, "unix": [name]},
    }
    maven = way == "maven"
    folder = in_maven(desk, attacks) if maven else attacks_at_build(desk, attacks, way)
    outside = (sys.executable, str(Path(__file__).parent / "outside.py"))
    words = (*user.words, *outside, str(OUTSIDE_PORT), name, str(notes))
    environment = {"HOME": str(home), "SECRET": "-".join(secret), "PYTHONPATH": str(REPOSITORY)}
    checked = desk.check(folder, *SOME, command=words, **environment)
    assert set(got(checked, way)) <= {"wrote over /proc/1/mem", "wrote over /proc/1/oom_score_adj"}
    assert results.read_text() == "{}\n"
    assert not (desk.reports / "owned").exists()
    assert notes.read_text() == "listening\n"


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")
def test_calls_the_kernel(desk: Desk, user: User) -> None:
    calls = ["vsock", "vsock by socketcall", "ptrace", "keyctl", "io_uring_setup", "unshare"]
    folder = at_build(desk, "calls_the_kernel", program=compiled_c("calls_the_kernel"), calls=calls)
    assert got(desk.check(folder, *SOME, command=user.words), "make") == []


def test_leaves_nothing_behind(desk: Desk, user: User) -> None:
    token, key = f"left-{secrets.token_hex(6)}", secrets.randbelow(2**30)
    folder = at_build(desk, "leaves_things", token=token, key=key)
    desk.check(folder, *SOME, command=user.words)
    for where in ("/tmp", "/dev/shm", "/var/tmp", "/run"):
        assert not Path(where, token).exists()
    assert token not in Path("/proc/net/unix").read_text()
    segments = Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
    assert key not in [int(line.split()[0]) for line in segments]
    # Processes, mounts, and the folders of the runs: the fixture `desk` looks for them.


@pytest.mark.heavy
def test_a_fork_bomb(desk: Desk, user: User, neighbour: Neighbour) -> None:
    folder = desk.folder / "bomb"
    folder.mkdir()
    (folder / "bomb.c").write_text((PROGRAMS / "fork_bomb.c").read_text())
    (folder / "Makefile").write_text("server: bomb.c\n\tcc -o bomb bomb.c\n\t./bomb\n")
    checked = desk.check(folder, *SOME, command=user.words)
    stopped(checked, "the build held")
    neighbour.is_unharmed()


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("user", "how"), [("root", "private"), ("an ordinary user", "in_children")], indirect=["user"]
)
def test_more_memory_than_one_may(desk: Desk, user: User, neighbour: Neighbour, how: str) -> None:
    if psutil.virtual_memory().available < 7 * 2**30:
        pytest.skip("a build may take 4 GiB, and this machine has not many more")
    folder = at_build(desk, "memory_hog", how=how, pause=0, most=6)
    stopped(desk.check(folder, *SOME, command=user.words), "the build took")
    neighbour.is_unharmed()


def test_a_gigabyte_of_output(desk: Desk, user: User, neighbour: Neighbour) -> None:
    """Makes no difference to what is built, nor to us."""
    folder = at_build(desk, "sniffs")
    rules = (folder / "Makefile").read_text()
    (folder / "Makefile").write_text(f"{rules}\tyes | head -c 1000000000\n")
    unharmed(desk.check(folder, *SOME, command=user.words))
    neighbour.is_unharmed()


def test_folders_in_folders(desk: Desk, user: User, neighbour: Neighbour) -> None:
    """Deeper than a path can be long, so that it cannot be copied for its sessions."""
    folder = at_build(desk, "goes_deep")
    checked = desk.check(folder, *SOME, command=user.words)
    assert checked.outcomes["1.1"] == "inconclusive", checked.stdout
    assert "could not be looked through" in checked.verdicts["1.1"]["reason"]
    assert checked.stderr == ""
    neighbour.is_unharmed()


STUBBORN = """
import os, signal, subprocess, time
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
for _ in range(5):
    subprocess.Popen(["sleep", "{seconds}"], start_new_session=True)
time.sleep(1000)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_stubborn_build_ends_with_the_check(
    desk: Desk, user: User, number: signal.Signals
) -> None:
    """Children in sessions of their own included: the fixture `desk` looks for them."""
    folder = desk.folder / "stubborn"
    folder.mkdir()
    seconds = str(100_000 + secrets.randbelow(100_000))
    (folder / "build.txt").write_text(STUBBORN.format(seconds=seconds))
    (folder / "Makefile").write_text("server: build.txt\n\tpython3 build.txt\n")
    check = desk.start("check", folder, "--lab", "echo", command=user.words)
    deadline = time.monotonic() + CHECK_SECONDS
    while len(sleeping(seconds)) < 5:
        assert time.monotonic() < deadline
        assert check.poll() is None, check.communicate()
        time.sleep(0.02)
    left = sleeping(seconds)
    desk.killed = number is signal.SIGKILL  # its folder stays then, for the next run to remove
    check.send_signal(number)
    check.communicate(timeout=CHECK_SECONDS)
    assert psutil.wait_procs(left, timeout=CHECK_SECONDS)[1] == []


def sleeping(seconds: str) -> list[psutil.Process]:
    found = psutil.process_iter(["cmdline"])
    return [each for each in found if each.info["cmdline"] == ["sleep", seconds]]
