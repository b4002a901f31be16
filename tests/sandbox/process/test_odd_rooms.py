"""What a program finds where it runs: processes, folders, disks. What the machine keeps from it is
never held against it."""

from __future__ import annotations

import os
import shutil

import pytest

from conformance.sandbox import Tier, probe
from kit.desk import REFERENCES, Desk, this_machines_ports
from kit.machines import FIRST, check_here, own_mounts, require

# -- a pid namespace without a process 2 --------------------------------------------------


def own_pids(*user: str) -> tuple[str, ...]:
    return require(*user, "unshare", "--pid", "--fork", "--kill-child", "--mount-proc")


@pytest.mark.parametrize("fetch", [False, True])
def test_full_in_a_pid_namespace_of_its_own(fetch: bool, desk: Desk) -> None:
    """As in most containers; with a build, which has a bubblewrap of its own."""
    if probe().tier is not Tier.FULL:
        pytest.skip("this machine has no tier full")
    root = () if os.geteuid() == 0 else ("unshare", "-r")
    folder = desk.folder / "handed-in"
    folder.mkdir()
    desk.echo(name="handed-in/server.py")
    manifest = "build = ['python3', '-c', '0']\ncommand = ['python3', 'server.py']\n"
    (folder / "submission.toml").write_text(manifest)
    checked = desk.check(
        folder, *FIRST, "--require-tier", "full", *["--fetch-dependencies"] * fetch,
        command=own_pids(*root),
    )  # fmt: skip
    assert set(checked.outcomes.values()) == {"passed"}, checked.stdout
    assert checked.run["tier"] == "full"


# -- folders that a program cannot use ----------------------------------------------------


@pytest.mark.parametrize("tier", list(Tier))
def test_a_program_may_write_into_its_own_folder(tier: Tier, desk: Desk) -> None:
    """Also where it is not the user who has put it there."""
    program = desk.echo("""
        def answer(client, text):
            open("log", "a").write(text)
            os.rename("log", "older")
            open(__file__, "a").write("# visited\\n")
            client.sendall(f"> {text.upper()}\\n".encode())
    """)
    with this_machines_ports():
        checked = check_here(desk, program, CONFORMANCE_TIER=tier)
    assert set(checked.outcomes.values()) == {"passed"}, checked.stdout


@pytest.mark.parametrize("tier", [Tier.NETWORK, Tier.NONE])
def test_a_folder_that_its_user_cannot_reach(tier: Tier, desk: Desk) -> None:
    """TMPDIR below /root, say: the program of another user cannot even begin there."""
    if os.geteuid() != 0:
        pytest.skip("an ordinary user's programs run as that user")
    private = desk.tmp / "private"
    private.mkdir(mode=0o700)
    with this_machines_ports():
        checked = check_here(desk, desk.echo(), CONFORMANCE_TIER=tier, TMPDIR=str(private))
    private.rmdir()
    assert checked.outcomes["1.1"] == "inconclusive", checked.stdout
    assert checked.status == 3


def test_a_disk_that_executes_nothing(desk: Desk, tier_none: dict[str, str]) -> None:
    """/tmp is mounted noexec on many servers: a C program is not to blame for it."""
    if shutil.which("cc") is None:
        pytest.skip("this machine has no C compiler")
    command = own_mounts(f'mount -t tmpfs -o noexec,mode=1777 none "{desk.tmp}"')
    source = (REFERENCES / "echo/c/select/select.c").read_text()
    program = desk.program(source, name="server.c")
    checked = check_here(desk, program, command=command, **tier_none)
    assert checked.outcomes["1.1"] == "inconclusive", checked.stdout
    assert "noexec" in checked.verdicts["1.1"]["reason"]


RUNS_WHAT_IT_BUILT = """
server: gen
	./gen > out.c
	cp server.py server
gen:
	printf '#!/bin/sh\\necho' > gen && chmod +x gen
"""


@pytest.mark.parametrize("tier", [probe().tier, Tier.NONE])
def test_a_build_on_a_disk_that_executes_nothing(tier: Tier, desk: Desk) -> None:
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    command = own_mounts(f'mount -t tmpfs -o noexec,mode=1777 none "{desk.tmp}"')
    folder = desk.folder / "handed-in"
    folder.mkdir()
    desk.echo(name="handed-in/server.py")
    (folder / "Makefile").write_text(RUNS_WHAT_IT_BUILT)
    manifest = "build = ['make']\ncommand = ['python3', 'server.py']\n"
    (folder / "submission.toml").write_text(manifest)
    checked = check_here(desk, folder, command=command, CONFORMANCE_TIER=tier)
    assert checked.outcomes["1.1"] == "inconclusive", checked.stdout
    assert "noexec" in checked.verdicts["1.1"]["reason"]


WRITES = """
    def answer(client, text):
        with open("log", "ab", buffering=0) as log:
            for _ in range(4096):
                log.write(bytes(1024))
        client.sendall(f"> {text.upper()}\\n".encode())
"""


@pytest.mark.parametrize("room", [3, 200])
def test_a_disk_that_is_full(room: int, desk: Desk, tier_none: dict[str, str]) -> None:
    """Without a disk of its own a program has what the machine has left."""
    command = own_mounts(f'mount -t tmpfs -o size={room}m,mode=1777 none "{desk.tmp}"')
    checked = check_here(desk, desk.echo(WRITES), command=command, **tier_none)
    assert checked.outcomes["3.1"] == ("inconclusive" if room == 3 else "passed"), checked.stdout
    if room == 3:
        assert "the machine's disk was full" in checked.verdicts["3.1"]["reason"]
