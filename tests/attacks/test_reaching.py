"""Attacks that reach out: to other processes, files, hosts; and that leave something."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kit.arena import (
    OUTSIDE_PORT,
    SOME,
    Neighbour,
    User,
    compiled_c,
    loot,
    submission,
    unharmed,
)
from kit.desk import CHECK_SECONDS, REPOSITORY, Checked, Desk

PACKAGE = REPOSITORY / "conformance"


def attacked(desk: Desk, user: User, attack: str, **given: Any) -> list[str]:
    """What the attack got; its server must have the harmless one's verdicts."""
    checked = desk.check(submission(desk, attack, **given), *SOME, command=user.words)
    unharmed(checked)
    return loot(checked)


@pytest.mark.parametrize("attack", ["kills", "ptraces"])
def test_other_processes(desk: Desk, user: User, neighbour: Neighbour, attack: str) -> None:
    got = attacked(desk, user, attack, suite=os.getpid())
    # The sandbox's own first process is nobody else's: it may be looked into, and ends with it.
    assert set(got) <= {"opened the memory of 1"}
    neighbour.is_unharmed()


def test_reads_what_is_not_its_business(desk: Desk, user: User, neighbour: Neighbour) -> None:
    secret = [secrets.token_hex(4), secrets.token_hex(4)]
    home = desk.folder / "home"
    for folder in (home, desk.folder / "other-student"):
        folder.mkdir()
        (folder / "notes.txt").write_text("-".join(secret))
        folder.chmod(0o755)
    paths = [
        home, desk.folder / "other-student", desk.reports, desk.tmp, desk.folder,
        PACKAGE, PACKAGE / "labs" / "echo" / "echo.py", REPOSITORY / "reference_servers",
        REPOSITORY / "tests", "/root", "/etc/shadow", "/etc/machine-id", "/var/log", "/run/user",
        "/var/lib", "/home/other", f"/proc/{os.getpid()}/environ", Path.home(),
    ]  # fmt: skip
    server = submission(
        desk, "reads", secret=secret, paths=[str(path) for path in paths if path != "/home/student"]
    )
    checked = desk.check(
        server, *SOME, command=user.words, HOME=str(home), SECRET="-".join(secret)
    )  # fmt: skip
    unharmed(checked)
    assert loot(checked) == []
    neighbour.is_unharmed()


def test_writes_where_it_must_not(desk: Desk, user: User, neighbour: Neighbour) -> None:
    results = desk.reports / "results.jsonl"
    results.write_text("{}\n")
    results.chmod(0o666)
    contract = PACKAGE / "labs" / "echo" / "echo.md"
    paths = [results, desk.reports, contract, PACKAGE, "/etc", "/usr/local/bin"]
    before = contract.read_bytes()
    got = attacked(desk, user, "writes", paths=[str(path) for path in paths])
    # The first process of its sandbox has no more rights than itself.
    assert set(got) <= {"wrote over /proc/1/mem", "wrote over /proc/1/oom_score_adj"}
    assert results.read_text() == "{}\n"
    assert contract.read_bytes() == before
    assert not (desk.reports / "owned").exists()
    neighbour.is_unharmed()


def test_connects_to_the_world_outside(desk: Desk, user: User) -> None:
    """The machine's loopback, an address of its own, and a world beyond it."""
    name = f"outside-{secrets.token_hex(4)}"
    notes = desk.reports / "came.txt"
    hosts = ["127.0.0.1", "198.51.100.7", "::1", "2001:db8::7", "10.9.9.2", "fd09:9::2"]
    targets = [(host, OUTSIDE_PORT) for host in hosts]
    server = submission(desk, "connects", tcp=targets, udp=targets, unix=[name])
    outside = (sys.executable, str(Path(__file__).parent / "outside.py"))
    words = (*user.words, *outside, str(OUTSIDE_PORT), name, str(notes))
    checked = desk.check(server, *SOME, command=words, PYTHONPATH=str(REPOSITORY))
    unharmed(checked)
    assert loot(checked) == []
    assert notes.read_text() == "listening\n"


# Whoever listens ends with the attack: it has to have taken note of all before.
TELLS = """
print(*loot, sep="\\n")
until = time.monotonic() + 60
while open("{notes}").read().count("somebody came") < 9 and time.monotonic() < until:
    time.sleep(0.01)
"""


def test_the_world_outside_is_there(desk: Desk, user: User) -> None:
    """Without the sandbox the same attack succeeds, or the test before proves nothing."""
    notes = desk.reports / "came.txt"
    hosts = ["127.0.0.1", "198.51.100.7", "::1", "2001:db8::7"]
    targets = [(host, OUTSIDE_PORT) for host in hosts]
    attack = submission(desk, "connects", tcp=targets, udp=targets, unix=["outside-here"])
    attack.write_text(attack.read_text().replace("\nmain()\n", TELLS.format(notes=notes)))
    outside = (sys.executable, str(Path(__file__).parent / "outside.py"))
    given = (str(OUTSIDE_PORT), "outside-here", str(notes))
    words = (*user.words, *outside, *given, sys.executable, str(attack))
    done = subprocess.run(
        words, cwd=REPOSITORY, env={"PYTHONPATH": str(REPOSITORY)}, capture_output=True,
        text=True, timeout=CHECK_SECONDS, check=True,
    )  # fmt: skip
    got = done.stdout.splitlines()
    assert {f"{host} {port}" for host, port in targets} <= set(got), done.stdout
    assert "unix outside-here" in got
    assert notes.read_text().count("somebody came") == 9


def test_connects_to_another_submission(desk: Desk, user: User) -> None:
    """A neighbour with a door that this one has not, open while it looks for it."""
    name = f"neighbour-{secrets.token_hex(4)}"
    neighbour = desk.echo(f"""
        def main():
            doors = [socket.create_server(("", 2424)), socket.socket(socket.AF_UNIX)]
            doors[1].bind("\\0{name}")
            doors[1].listen()
            udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            udp.bind(("", 2425))
            accept_from(listen())
    """, name="neighbour.py")  # fmt: skip
    report = desk.reports / "neighbour.json"
    more = ("--only", "1,2,3,4", "--json", report)
    process = desk.start("check", neighbour, "--lab", "echo", *more, command=user.words)
    hosts = [f"10.9.9.{number}" for number in range(1, 255)]
    got = attacked(
        desk, user, "connects",
        tcp=[(host, 2424) for host in [*hosts, "fd09:9::1", "fd09:9::2"]],
        udp=[(host, 2425) for host in [*hosts, "10.9.9.255", "224.0.0.1"]],
        unix=[name],
    )  # fmt: skip
    assert got == []
    stdout, stderr = process.communicate(timeout=CHECK_SECONDS)
    unharmed(Checked(process.returncode, stdout, stderr, json.loads(report.read_text())))


def test_sniffs_and_spoofs(desk: Desk, user: User, neighbour: Neighbour) -> None:
    assert attacked(desk, user, "sniffs") == []
    neighbour.is_unharmed()


REFUSED_CALLS = [
    "vsock", "packet", "alg", "bluetooth", "can", "tipc", "rds", "xdp", "vsock in a long word",
    "vsock of x32", "vsock by socketcall", "vsock of 32 bit", "getpid of 32 bit", "ptrace",
    "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd", "add_key", "request_key",
    "keyctl", "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "clone3", "clone",
    "unshare", "setns", "mount", "fsopen", "memfd_secret",
]  # fmt: skip


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")
def test_calls_the_kernel(desk: Desk, user: User, neighbour: Neighbour) -> None:
    """In each way that x86-64 has of calling it. What each call is told is in
    tests/sandbox/test_system_calls.py, and that it works without the filter."""
    given = {"program": compiled_c("calls_the_kernel"), "calls": REFUSED_CALLS}
    assert attacked(desk, user, "calls_the_kernel", **given) == []
    neighbour.is_unharmed()


def test_leaves_nothing_behind(desk: Desk, user: User, neighbour: Neighbour) -> None:
    token, key = f"left-{secrets.token_hex(6)}", secrets.randbelow(2**30)
    assert attacked(desk, user, "leaves_things", token=token, key=key) == []
    neighbour.is_unharmed()
    for where in ("/tmp", "/dev/shm", "/var/tmp", "/run"):
        assert not Path(where, token).exists()
    assert token not in Path("/proc/net/unix").read_text()
    segments = Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
    assert key not in [int(line.split()[0]) for line in segments]
    # Processes, mounts, and the folders of the runs: the fixture `desk` looks for them.
