"""Machines that are set up in odd ways: a correct program is never accused on them, and what
they refuse is theirs. Each is made here, as far as this machine can."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from desk import REFERENCES, Checked, Desk, this_machines_ports
from machines import own_mounts, require

from conformance.sandbox import Tier, probe

FIRST = ("--only", "1.1,3.1")
SOON = ("--only", "1.1", "--timeout-scale", "0.2")
"""For programs that do not listen, which need not be waited for ten seconds."""
DOCKER = (
    "chown,dac_override,fowner,fsetid,kill,setgid,setuid,setpcap,net_bind_service,net_raw,"
    "sys_chroot,mknod,audit_write,setfcap"
)
"""The capabilities that Docker leaves root, if nothing is said (its documentation, "Runtime
privilege and Linux capabilities")."""

WITHIN = 60.0
"""Seconds for one program of a test to say something to another."""


def root_with(capabilities: str) -> tuple[str, ...]:
    """Root that has only those."""
    if os.geteuid() != 0:
        pytest.skip("only root can give up capabilities")
    words = ",".join(["-all", *(f"+{name}" for name in capabilities.split(",") if name)])
    return require("setpriv", "--bounding-set", words, "--inh-caps", "-all")


def somebody() -> tuple[str, ...]:
    """An ordinary user, where we are root; else whoever we are."""
    if os.geteuid() != 0:
        return ()
    return require("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


@pytest.fixture
def tier_none() -> Iterator[dict[str, str]]:
    """The environment in which a check has tier none, with this machine's ports for its own."""
    with this_machines_ports():
        yield {"CONFORMANCE_TIER": "none"}


def check_here(
    desk: Desk, path: object, *more: object, command: tuple[str, ...] = (), **environment: str
) -> Checked:
    """`check` with a folder for its lock that is put away with all else."""
    environment.setdefault("XDG_RUNTIME_DIR", str(desk.reports))
    return desk.check(path, *(more or FIRST), command=command, **environment)


# -- root of a container with Docker's default rights ----------------------------------

NOT_ROOT = """
    import os, sys

    if os.getuid() == 0:
        sys.exit("it runs as root")
"""
ELSEWHERE = 'def listen():\n    return socket.create_server(("", PORT + 1), backlog=256)'
NOWHERE = "def listen():\n    threading.Event().wait()"


def test_a_correct_server_in_a_container(desk: Desk, tier_none: dict[str, str]) -> None:
    """It runs as somebody else than root, whose open files root may not see there."""
    only = ("--only", "1.1,2.1,3.1,5.1,6.5,6.7")
    program = desk.echo(NOT_ROOT)
    checked = check_here(desk, program, *only, command=root_with(DOCKER), **tier_none)
    assert set(checked.outcomes.values()) == {"passed"}, checked.stdout


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


@pytest.mark.parametrize("name", ["fork", "thread_per_client"])
def test_processes_and_threads_in_a_container(
    name: str, desk: Desk, tier_none: dict[str, str]
) -> None:
    program = REFERENCES / "echo/python" / f"{name}.py"
    checked = check_here(desk, program, command=root_with(DOCKER), **tier_none)
    assert set(checked.outcomes.values()) == {"passed"}, checked.stdout


@pytest.mark.parametrize(
    ("change", "said"), [(ELSEWHERE, "it listens on TCP 2324"), (NOWHERE, "no port was opened")]
)
def test_what_is_seen_in_a_container_counts(
    change: str, said: str, desk: Desk, tier_none: dict[str, str]
) -> None:
    container = root_with(DOCKER)
    checked = check_here(desk, desk.echo(change), *SOON, command=container, **tier_none)
    assert checked.outcomes["1.1"] == "failed", checked.stdout
    assert said in checked.verdicts["1.1"]["actual"]


@pytest.mark.parametrize("left", ["", "chown,dac_override,fowner,setgid,setuid"])
def test_root_that_was_left_next_to_nothing(
    left: str, desk: Desk, tier_none: dict[str, str]
) -> None:
    """`--cap-drop`: it cannot be another user, or not end its programs."""
    checked = check_here(desk, desk.echo(), command=root_with(left), **tier_none)
    assert set(checked.outcomes.values()) == {"passed"}, checked.stdout


# -- a program that does not show itself -----------------------------------------------

HIDES = """
    import ctypes

    def listen():
        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE
        return socket.create_server(("", PORT), backlog=256)
"""


def test_what_is_hidden_is_not_held_against_it(desk: Desk, tier_none: dict[str, str]) -> None:
    checked = check_here(desk, desk.echo(HIDES), *SOON, command=somebody(), **tier_none)
    verdict = checked.verdicts["1.1"]
    assert verdict["outcome"] == "inconclusive", checked.stdout
    assert "does not show what it has open" in verdict["reason"]
    assert checked.status == 3


def test_in_a_sandbox_nothing_is_hidden(desk: Desk) -> None:
    if probe().tier is not Tier.FULL:
        pytest.skip("this machine has no tier full")
    assert set(desk.check(desk.echo(HIDES), *FIRST).outcomes.values()) == {"passed"}


# -- a port that somebody else has ------------------------------------------------------

ASKS_FIRST = """
    def listen():
        with socket.create_connection(("127.0.0.1", int({port}))) as test:
            test.recv(1)  # until somebody else has the port
        {then}
"""
ENDS = 'return socket.create_server(("", PORT), backlog=256)'
STAYS = """try:
            return socket.create_server(("", PORT), backlog=256)
        except OSError as error:
            print(error, flush=True)
            threading.Event().wait()"""
GOES_ON_ELSEWHERE = """try:
            return socket.create_server(("", PORT), backlog=256)
        except OSError:
            return socket.create_server(("", PORT + 1), backlog=256)"""
SAYS_NOTHING = """try:
            return socket.create_server(("", PORT), backlog=256)
        except OSError:
            sys.exit(1)"""


@contextmanager
def taking_the_port_meanwhile() -> Iterator[int]:
    """A port on which programs ask for theirs to be taken, before they listen themselves."""
    with ExitStack() as held, socket.create_server(("127.0.0.1", 0)) as asked:
        asked.settimeout(WITHIN)

        def take() -> None:
            program = held.enter_context(asked.accept()[0])
            held.enter_context(socket.create_server(("", 2323)))
            program.sendall(b"!")

        thread = threading.Thread(target=take)
        thread.start()
        yield asked.getsockname()[1]
        thread.join(WITHIN)


@pytest.mark.parametrize("then", [ENDS, STAYS, GOES_ON_ELSEWHERE, SAYS_NOTHING])
def test_another_program_was_quicker(then: str, desk: Desk, tier_none: dict[str, str]) -> None:
    with taking_the_port_meanwhile() as port:
        program = desk.echo(ASKS_FIRST.format(port=port, then=then))
        checked = check_here(desk, program, *SOON, **tier_none)
    verdict = checked.verdicts["1.1"]
    assert verdict["outcome"] == "inconclusive", checked.stdout
    assert "port 2323 of this machine" in verdict["reason"]
    assert checked.status == 3


BINDS_TWICE = """
    def listen():
        first = socket.create_server(("", PORT))
        return socket.create_server(("", PORT), backlog=256)
"""


@pytest.mark.parametrize("tier", [probe().tier, Tier.NONE])
def test_who_takes_its_own_port_twice(tier: Tier, desk: Desk) -> None:
    with this_machines_ports():
        checked = check_here(desk, desk.echo(BINDS_TWICE), *SOON, CONFORMANCE_TIER=tier)
    assert checked.outcomes["1.1"] == "failed", checked.stdout
    assert "the program has ended" in checked.verdicts["1.1"]["actual"]


def leave_a_connection_behind() -> None:
    """On port 2323: whoever closes first keeps it for a minute (TIME_WAIT)."""
    with socket.create_server(("", 2323)) as listener:
        client = socket.create_connection(("127.0.0.1", 2323))
        server = listener.accept()[0]
        server.close()
        client.recv(1)
        client.close()


NOT_AGAIN = """
    def listen():
        server = socket.socket()  # without SO_REUSEADDR
        server.bind(("", PORT))
        server.listen(256)
        return server
"""


@pytest.mark.parametrize(("change", "outcome"), [(NOT_AGAIN, "inconclusive"), ("", "passed")])
def test_a_connection_of_a_run_before(change: str, outcome: str, desk: Desk) -> None:
    """On a network of the test's own: what it leaves there ends with it."""
    alone = require("unshare", "--user", "--map-root-user", "--net")
    before = "import test_set_ups as t; t.leave_a_connection_behind()"
    script = f'ip link set lo up && "{sys.executable}" -c "{before}" && exec "$@"'
    if shutil.which("ip") is None:
        pytest.skip("ip is not installed")
    checked = check_here(
        desk, desk.echo(change), command=(*alone, "sh", "-c", script, "sh"),
        CONFORMANCE_TIER="none", PYTHONPATH=str(Path(__file__).parent),
    )  # fmt: skip
    assert checked.outcomes["1.1"] == outcome, checked.stdout
    if outcome == "inconclusive":
        assert "from before the submission was started" in checked.verdicts["1.1"]["reason"]


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
