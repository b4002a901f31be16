"""`--connect NAME:PORT`, where the name has several addresses, and the server one of them."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from kit.desk import REFERENCES, Checked, Desk, this_machines_ports
from kit.machines import own_mounts


def connect(
    desk: Desk, where: str, *more: object, lab: str = "echo", command: tuple[str, ...] = ()
) -> Checked:
    return desk.check(f"--connect={where}", *more, lab=lab, command=command)


@contextmanager
def running(program: Path) -> Iterator[None]:
    """A server of the test's own, which listens when the block begins."""
    with subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == b"ready\n"
            yield
        finally:
            process.kill()


def echo_on(desk: Desk, family: str, address: str) -> Path:
    """The correct server there, which says when it listens."""
    return desk.echo(f"""
        def listen():
            server = socket.create_server(({address!r}, PORT), family=socket.{family}, backlog=256)
            print("ready", flush=True)
            return server
    """)


def with_hosts(desk: Desk, *lines: str) -> tuple[str, ...]:
    """Before a command that is to find other names in /etc/hosts."""
    hosts = desk.folder / "hosts"
    hosts.write_text("".join(f"{line}\n" for line in lines))
    hosts.chmod(0o644)
    return own_mounts(f'mount --bind "{hosts}" /etc/hosts')


def require_ipv6() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 on its loopback")


@pytest.mark.parametrize("first", ["::1", "127.0.0.1"])
@pytest.mark.parametrize(
    ("family", "address"),
    [("AF_INET", "127.0.0.1"), ("AF_INET", "0.0.0.0"), ("AF_INET6", "::1"), ("AF_INET6", "::")],
)
def test_localhost_in_both_families(first: str, family: str, address: str, desk: Desk) -> None:
    require_ipv6()
    second = "127.0.0.1" if first == "::1" else "::1"
    hosts = with_hosts(desk, f"{first} localhost", f"{second} localhost")
    with this_machines_ports(), running(echo_on(desk, family, address)):
        checked = connect(desk, "localhost:2323", "--only", "1.1,3.1,5.1", command=hosts)
    assert set(checked.outcomes.values()) == {"passed"}, checked.stdout


def test_nobody_at_any_address(desk: Desk) -> None:
    require_ipv6()
    hosts = with_hosts(desk, "::1 localhost", "127.0.0.1 localhost")
    with this_machines_ports():
        checked = connect(desk, "localhost:2323", "--only", "1.1", command=hosts)
    assert checked.outcomes["1.1"] == "failed", checked.stdout
    assert checked.verdicts["1.1"]["actual"] == "connection refused"


@contextmanager
def clogged(address: str, port: int) -> Iterator[None]:
    """A port that is open, and takes nobody any more: who comes is not answered (listen(2))."""
    with ExitStack() as held:
        held.enter_context(socket.create_server((address, port), family=socket.AF_INET6, backlog=0))
        for _ in range(4):
            client = held.enter_context(socket.socket(socket.AF_INET6))
            client.setblocking(False)
            client.connect_ex((address, port))
        yield


def test_an_address_that_does_not_answer(desk: Desk) -> None:
    """The next one is tried before our patience with all of them is over."""
    require_ipv6()
    hosts = with_hosts(desk, "::1 localhost", "127.0.0.1 localhost")
    with (
        this_machines_ports(),
        running(echo_on(desk, "AF_INET", "127.0.0.1")),
        clogged("::1", 2323),
    ):
        checked = connect(desk, "localhost:2323", "--only", "1.1,3.1", command=hosts)
    assert set(checked.outcomes.values()) == {"passed"}, checked.stdout


@pytest.mark.parametrize("first", ["::1", "127.0.0.1"])
@pytest.mark.parametrize(("family", "address"), [("AF_INET", "127.0.0.1"), ("AF_INET6", "::1")])
def test_datagrams_go_where_somebody_waits(
    first: str, family: str, address: str, desk: Desk
) -> None:
    """Whether a datagram was for anybody, nobody says: the kernel is asked before."""
    require_ipv6()
    second = "127.0.0.1" if first == "::1" else "::1"
    hosts = with_hosts(desk, f"{first} localhost", f"{second} localhost")
    source = (REFERENCES / "presence-udp/python/event_loop.py").read_text()
    ready = f'sock.bind(({address!r}, PORT))\n    print("ready", flush=True)'
    source = source.replace("socket.AF_INET,", f"socket.{family},")
    program = desk.program(source.replace('sock.bind(("", PORT))', ready))
    with this_machines_ports(), running(program):
        checked = connect(
            desk, "localhost:9907", "--only", "2.1", lab="presence-udp", command=hosts
        )
    assert checked.outcomes["2.1"] == "passed", checked.stdout
