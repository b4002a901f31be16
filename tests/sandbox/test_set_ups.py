"""Machines that are set up in odd ways: a correct program is never accused on them, and what
they refuse is theirs. Each is made here, as far as this machine can."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from conformance.sandbox import Tier, probe
from kit.desk import REFERENCES, Desk
from kit.machines import FIRST, check_here, own_network, require

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
        checked = check_here(desk, program, *SOON, command=(), **tier_none)
    verdict = checked.verdicts["1.1"]
    assert verdict["outcome"] == "inconclusive", checked.stdout
    assert "port 2323 of this machine" in verdict["reason"]
    assert checked.status == 3


def test_a_port_that_is_kept_for_root(desk: Desk, tier_none: dict[str, str]) -> None:
    if int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()) < 1000:
        pytest.skip("anybody may listen on ports under 1024 here")
    program = desk.echo("PORT = 999")
    low = ("--set", "port=999", "--only", "1.1")
    checked = check_here(desk, program, *low, command=somebody(), **tier_none)
    assert checked.outcomes["1.1"] == "inconclusive", checked.stdout
    assert "port 999 is under 1,024" in checked.verdicts["1.1"]["reason"]


BINDS_TWICE = """
    def listen():
        first = socket.create_server(("", PORT))
        return socket.create_server(("", PORT), backlog=256)
"""


@pytest.mark.parametrize("tier", [Tier.FULL, Tier.NETWORK, Tier.NONE])
def test_who_takes_its_own_port_twice(tier: Tier, desk: Desk) -> None:
    """In tier none where no run before has left a connection, which could be the cause."""
    command = own_network() if tier is Tier.NONE else ()
    program = desk.echo(BINDS_TWICE)
    checked = check_here(desk, program, *SOON, command=command, CONFORMANCE_TIER=tier)
    assert checked.outcomes["1.1"] == "failed", checked.stdout
    assert "the program has ended" in checked.verdicts["1.1"]["actual"]


LEAVES_A_CONNECTION = """
    import socket

    with socket.create_server(("", 2323)) as listener:
        client = socket.create_connection(("127.0.0.1", 2323))
        listener.accept()[0].close()  # who closes first keeps it for a minute (TIME_WAIT)
        client.recv(1)
        client.close()
"""
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
    before = desk.program(LEAVES_A_CONNECTION, name="before.py")
    command = own_network(f'"{sys.executable}" "{before}"')
    checked = check_here(desk, desk.echo(change), command=command, CONFORMANCE_TIER="none")
    assert checked.outcomes["1.1"] == outcome, checked.stdout
    if outcome == "inconclusive":
        assert "from before the submission was started" in checked.verdicts["1.1"]["reason"]
