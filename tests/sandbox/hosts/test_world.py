from __future__ import annotations

import os
import select
import socket
import time
from pathlib import Path

import pytest

from conformance.sandbox import Isolation, SandboxError, Tier, World
from kit.trials import WITHIN, apart, isolation_of, python, until_says

ETH_P_ALL = 3


def receive(sock: socket.socket) -> tuple[bytes, tuple[str, int]]:
    assert select.select([sock], [], [], WITHIN)[0], "nothing came"
    data, source = sock.recvfrom(2000)
    return data, source[:2]


def test_hosts_talk_over_a_wire(wired: Isolation, scratch: Path) -> None:
    def work() -> None:
        with World(wired, scratch) as world:
            for family, submission, suite in (
                (socket.AF_INET, "10.9.9.1", "10.9.9.2"),
                (socket.AF_INET6, "fd09:9::1", "fd09:9::2"),
            ):
                there = world.socket("submission", family, socket.SOCK_DGRAM)
                here = world.socket("suite", family, socket.SOCK_DGRAM)
                there.bind((submission, 7))
                here.bind((suite, 7))  # the same port, on another host
                here.sendto(b"ping", (submission, 7))
                assert receive(there) == (b"ping", (suite, 7))
                there.sendto(b"pong", (suite, 7))
                assert receive(here) == (b"pong", (submission, 7))

    apart(work)


@pytest.mark.parametrize("target", ["255.255.255.255", "10.9.9.255", "239.1.2.3"])
def test_broadcast_and_multicast_cross_it(wired: Isolation, scratch: Path, target: str) -> None:
    def work() -> tuple[bytes, tuple[str, int]]:
        with World(wired, scratch) as world:
            here = world.socket("suite", socket.AF_INET, socket.SOCK_DGRAM)
            here.bind(("", 9907))
            if target.startswith("239"):
                group = socket.inet_aton(target) + socket.inet_aton("10.9.9.2")
                here.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
            there = world.socket("submission", socket.AF_INET, socket.SOCK_DGRAM)
            there.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            there.bind(("", 5555))
            there.sendto(b"hello", (target, 9907))
            return receive(here)

    assert apart(work) == (b"hello", ("10.9.9.1", 5555))


def test_worker_may_capture(wired: Isolation, scratch: Path) -> None:
    def work() -> None:
        with World(wired, scratch) as world:
            capture = world.socket("suite", socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(3))
            here = world.socket("suite", socket.AF_INET, socket.SOCK_DGRAM)
            here.sendto(b"look at this", ("10.9.9.1", 9))
            seen = b""
            while b"look at this" not in seen:
                seen = receive(capture)[0]

    apart(work)


LISTENS = """
import socket, signal
a = socket.create_server(("", 80), backlog=5)
b = socket.create_server(("", 81), family=socket.AF_INET6, dualstack_ipv6=True)
c = socket.create_server(("::1", 82), family=socket.AF_INET6)
d = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); d.bind(("127.0.0.1", 83))
e = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); e.connect(("10.9.9.2", 84))
f = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
print("ready", flush=True)
signal.pause()
"""


def test_listeners(wired: Isolation, scratch: Path) -> None:
    def work() -> None:
        with World(wired, scratch) as world:
            assert world.listeners() == []
            process = python(world, LISTENS)
            until_says(process, "ready")
            found = world.listeners()
            assert [(one.protocol, one.address, one.port, one.v6only) for one in found] == [
                ("tcp", "0.0.0.0", 80, False),
                ("tcp", "::", 81, False),
                ("tcp", "::1", 82, True),
                ("udp", "127.0.0.1", 83, False),
            ]
            assert all(process.owner(one.inode) == process.program_pid() for one in found)
            assert not process.owns(1)

    apart(work)


def test_accept_queue_and_connections(wired: Isolation, scratch: Path) -> None:
    def work() -> None:
        with World(wired, scratch) as world:
            until_says(python(world, LISTENS), "ready")
            client = world.socket("suite", socket.AF_INET, socket.SOCK_STREAM)
            client.settimeout(WITHIN)
            client.connect(("10.9.9.1", 80))
            client.sendall(b"12345")
            # The last segment of the handshake may still be on its way.
            until = time.monotonic() + WITHIN
            while not (waiting := world.listeners()[0].waiting) and time.monotonic() < until:
                select.select([], [], [], 0.01)
            assert waiting == 1
            connection = next(one for one in world.connections() if one.local[1] == 80)
            assert connection.remote == client.getsockname()

    apart(work)


def test_connections_of_both_families(wired: Isolation, scratch: Path) -> None:
    def work() -> None:
        with World(wired, scratch) as world:
            until_says(python(world, LISTENS), "ready")
            clients = []
            for family, address in (
                (socket.AF_INET, ("10.9.9.1", 80)),
                (socket.AF_INET6, ("fd09:9::1", 81)),
            ):
                clients.append(world.socket("suite", family, socket.SOCK_STREAM))
                clients[-1].settimeout(WITHIN)
                clients[-1].connect(address)
            found = world.connections()
            assert {(one.local[1], one.remote) for one in found} == {
                (port, client.getsockname()[:2])
                for port, client in zip((80, 81), clients, strict=True)
            }

    apart(work)


def test_a_session_of_its_own_user(scratch: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root changes its user")

    def work() -> tuple[int, int, list[int], int]:
        with World(isolation_of(Tier.FULL), scratch):
            return os.getuid(), os.getgid(), os.getgroups(), (scratch / "work").stat().st_uid

    uid, gid, groups, owner = apart(work)
    assert 61_184 < uid < 65_520
    assert (gid, groups, owner) == (uid, [], uid)


def test_unreachable_scratch_is_an_error_of_ours(full: Isolation, scratch: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root changes its user")
    scratch.parent.chmod(0o700)

    def work() -> None:
        with (
            pytest.raises(SandboxError, match=r"cannot write to .*chmod o\+x"),
            World(full, scratch),
        ):
            pass

    apart(work)


SAME_PORT = """
import socket, sys
server = socket.create_server(("", 2323))
print("ready", flush=True)
server.accept()[0].sendall(sys.argv[0].encode())
"""


def test_twenty_at_once_on_one_port(full: Isolation, scratch: Path) -> None:
    """Each answers its own suite; all twenty live at the same time."""

    def session(number: int, entered: int, leave: int) -> None:
        own = scratch / str(number)
        (own / "work").mkdir(parents=True)
        with World(full, own) as world:
            process = python(world, SAME_PORT.replace("sys.argv[0]", f"'number {number}'"))
            until_says(process, "ready")
            os.write(entered, b"x")
            os.read(leave, 1)  # closed when all are there
            client = world.socket("suite", socket.AF_INET, socket.SOCK_STREAM)
            client.settimeout(WITHIN)
            client.connect(("10.9.9.1", 2323))
            assert client.recv(100) == f"number {number}".encode()
            assert process.terminate(grace=1.0)

    def work() -> list[int]:
        here, entered = os.pipe()
        leave, closing = os.pipe()
        children = []
        for number in range(20):
            child = os.fork()
            if child == 0:
                os.close(closing)
                status = 1
                try:
                    session(number, entered, leave)
                    status = 0
                finally:
                    os._exit(status)
            children.append(child)
        os.close(entered)
        there, until = 0, time.monotonic() + WITHIN
        while there < 20 and select.select([here], [], [], until - time.monotonic())[0]:
            there += len(os.read(here, 20)) or 100
        os.close(closing)
        return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]

    assert apart(work) == [0] * 20
