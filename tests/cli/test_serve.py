"""`conformance serve`: which reference is served, how one talks to it, and how it ends."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
from pathlib import Path
from textwrap import dedent

import pytest

from conformance.cli.serve import choose
from conformance.selfcheck.references.library import Library, Reference
from conformance.verdict.model import WrongCall
from kit.desk import CHECK_SECONDS, Desk


def reference(name: str, variant: str = "echo") -> Reference:
    return Reference(name, "echo", Path("echo", f"{name}.x"), variant, {}, {})


FORK, SELECT, NIO = map(reference, ("c/fork", "python/select", "java/Nio"))
IN_TURN, ALSO_FORK = reference("python/in_turn", "echo-sequential"), reference("python/fork")


def test_the_first_in_python_is_served_where_none_is_named() -> None:
    assert choose("echo", None, Library([FORK, IN_TURN, SELECT])) is SELECT
    assert choose("echo", None, Library([FORK, NIO])) is FORK


def test_one_that_is_served_under_a_variant_only() -> None:
    assert choose("echo", None, Library([IN_TURN])) is IN_TURN


@pytest.mark.parametrize("named", ["java/Nio", "JAVA/nio", "Nio", "nio"])
def test_one_is_named_by_its_file_alone_or_with_its_language(named: str) -> None:
    assert choose("echo", named, Library([FORK, SELECT, NIO])) is NIO


@pytest.mark.parametrize("named", ["fork", "nobody", ""])
def test_a_name_of_several_or_of_none_is_refused(named: str) -> None:
    several = Library([FORK, ALSO_FORK])
    with pytest.raises(WrongCall, match=r"it has c/fork, python/fork$"):
        choose("echo", named, several)
    assert choose("echo", "python/fork", several) is ALSO_FORK


CONTRACT = """\
# tiny: a lab for the tests

One paragraph.

## 1 Listening
- **1.1** MUST (1) `listens`: it listens.
"""

LAB = """\
from conformance import Lab, Parameter

tiny = Lab(
    "tiny", __file__, parameters=[Parameter("port", 2323, "its port")], see="nc {{port}} -v",
    protocol="{protocol}",
)


@tiny.scenario("1.1")
async def listens(server):
    "It listens."
    await server.expect_listening()
"""


class Shelf:
    """A lab with one reference server, whose port is free."""

    def __init__(self, desk: Desk, protocol: str, port: int) -> None:
        self.desk, self.port = desk, port
        self.labs, self.references = desk.folder / "labs", desk.folder / "references"
        self.labs.mkdir()
        (self.references / "tiny" / "python").mkdir(parents=True)
        (self.references / "tiny" / "mutants.toml").touch()
        (self.labs / "tiny.md").write_text(CONTRACT)
        (self.labs / "tiny.py").write_text(LAB.format(protocol=protocol))

    def put(self, source: str, name: str = "python/tiny.py") -> tuple[object, ...]:
        """The call that serves this program."""
        file = self.references / "tiny" / name
        file.parent.mkdir(exist_ok=True, parents=True)
        mark = "//" if name.endswith(".c") else "#"
        header = f"{mark} Lab: tiny\n{mark} Leaves to the student: nothing\n"
        file.write_text(f"{header}{mark} Parameters: port={self.port}\n\n{dedent(source)}")
        return ("serve", "tiny", "--labs", self.labs, "--references", self.references)


@pytest.fixture
def shelf(desk: Desk, protocol: str) -> Shelf:
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return Shelf(desk, protocol, port)


SERVES = """\
    import os, socket, sys

    server = socket.socket(socket.AF_INET, socket.{kind})
    server.bind(("127.0.0.1", int(os.environ["PORT"])))
    {then}
"""


STAYS = r'print("here I am \x1b[31m", flush=True); sys.stdin.read() or os.read(os.pipe()[0], 1)'


@pytest.mark.parametrize(
    ("protocol", "kind", "then", "way"),
    [
        ("tcp", "SOCK_STREAM", f"server.listen(); {STAYS}", "telnet localhost"),
        ("udp", "SOCK_DGRAM", STAYS, "nc -u localhost"),
    ],
)
def test_it_is_said_how_to_talk_to_it_until_ctrl_c(
    shelf: Shelf, kind: str, then: str, way: str
) -> None:
    call = shelf.put(SERVES.format(kind=kind, then=then))
    process = shelf.desk.start(*call)
    assert process.stderr is not None
    told = ""
    while "Ctrl-C ends it." not in told:
        line = process.stderr.readline()
        assert line, told
        told += line
    assert f"tiny: python/tiny, on port {shelf.port}" in told
    assert f"talk to it from another terminal: {way} {shelf.port}\n" in told
    assert f"talk to it from another terminal: nc {shelf.port} -v\n" in told
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=CHECK_SECONDS)
    said = told + rest
    assert "the server is stopped" in said
    assert re.search(r"^here I am .*\[31m", said, re.MULTILINE)
    assert "\x1b" not in said


@pytest.mark.parametrize("protocol", ["tcp"])
@pytest.mark.parametrize(
    ("then", "how"), [("sys.exit(3)", "exit status 3"), ("os.abort()", "ended by signal 6 (ABRT)")]
)
def test_one_that_ends_by_itself_is_told_so(shelf: Shelf, then: str, how: str) -> None:
    served = shelf.desk.call(*shelf.put(SERVES.format(kind="SOCK_STREAM", then=then)))
    assert f"the server has ended by itself: {how}" in served.stderr
    assert served.status == 0


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_a_port_that_is_busy_is_refused_with_the_way_to_see_who_has_it(
    shelf: Shelf, protocol: str
) -> None:
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    call = shelf.put(SERVES.format(kind=kind.name, then=""))
    with socket.socket(socket.AF_INET, kind) as busy:
        busy.bind(("127.0.0.1", shelf.port))
        if protocol == "tcp":
            busy.listen()
        refused = shelf.desk.call(*call)
    assert refused.status == 2
    assert f"port {shelf.port} is busy: another program listens on {protocol.upper()}" in " ".join(
        refused.stderr.split()
    )
    assert f"ss -l{protocol[0]}np" in refused.stderr


@pytest.mark.parametrize("protocol", ["tcp"])
def test_it_is_said_how_its_other_program_is_started(shelf: Shelf) -> None:
    lab = (shelf.labs / "tiny.py").read_text()
    lab = lab.replace('see="nc {port} -v"', 'see="{player} piano", programs=("tiny", "player")')
    (shelf.labs / "tiny.py").write_text(lab)
    call = shelf.put(
        SERVES.format(kind="SOCK_STREAM", then=f"server.listen(); {STAYS}"), "python/both/tiny.py"
    )
    (shelf.references / "tiny/python/both/player.py").write_text("import sys; print(*sys.argv[1:])")
    process = shelf.desk.start(*call)
    assert process.stderr is not None
    told = ""
    while "Ctrl-C ends it." not in told:
        line = process.stderr.readline()
        assert line, told
        told += line
    [command] = re.findall(r"another terminal: (env .*)", told)
    played = subprocess.run(command.split(), capture_output=True, text=True, check=True)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=CHECK_SECONDS)
    assert played.stdout == "piano\n"


@pytest.mark.parametrize("protocol", ["tcp"])
def test_one_that_cannot_be_built_here_is_refused(shelf: Shelf) -> None:
    refused = shelf.desk.call(*shelf.put("int main(void) { return 0 }\n", name="c/tiny.c"))
    assert refused.status == 2
    assert "c/tiny cannot be built here: " in " ".join(refused.stderr.split())


def test_a_client_of_ones_own_is_shown_and_answered(desk: Desk) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = desk.start("serve", "http-client", "--set", f"http_port={port}")
    assert process.stderr is not None
    while "Ctrl-C ends it." not in (line := process.stderr.readline()):
        assert line
    with socket.create_connection(("127.0.0.1", port), CHECK_SECONDS) as client:
        client.sendall(b"Hello\x1b[31m\r\n\r\n")
        answer = b""
        while piece := client.recv(4_096):
            answer += piece
    told = ""
    while "closes the connection" not in told:
        line = process.stderr.readline()
        assert line, told
        told += line
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=CHECK_SECONDS)
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert told.splitlines() == [
        "client 1 connects",
        r"client 1 says  Hello\u{1B}[31m␍⏎",
        "client 1 says  ␍⏎",
        f"client 1 gets an answer of {len(answer)} bytes, and the server closes",
        "client 1 closes the connection",
    ]
    assert "the server is stopped" in rest


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (("echo", "--set", "port=2324"), "--set is for labs of clients"),
        (("http-client", "--implementation", "node"), "the references of http-client are clients"),
        (("http-client", "--set", "port=80"), "has no parameter 'port'"),
    ],
)
def test_what_cannot_be_served_so_is_refused(desk: Desk, call: tuple[str, ...], why: str) -> None:
    refused = desk.call("serve", *call)
    assert refused.status == 2
    assert why in " ".join(refused.stderr.split())


def test_a_port_of_a_client_that_is_busy_is_refused(desk: Desk) -> None:
    with socket.socket() as busy:
        busy.bind(("", 0))
        busy.listen()
        port = busy.getsockname()[1]
        refused = desk.call("serve", "http-client", "--set", f"http_port={port}")
    assert refused.status == 2
    assert f"port {port} cannot be used: address already in use" in " ".join(refused.stderr.split())
