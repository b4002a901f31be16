"""The references, as students play with them: by telnet and nc, typed at a terminal."""

from __future__ import annotations

import contextlib
import os
import random
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pexpect
import psutil
import pytest

REFERENCES = Path(__file__).resolve().parents[2] / "reference_servers"

WITHIN = 120.0
"""Seconds for whatever a test awaits: a bound; a JVM beside forty others took thirty."""

COMMANDS = {".py": [sys.executable], ".js": ["node"], ".java": ["java"]}

pytestmark = pytest.mark.usefixtures("_tools")


@pytest.fixture
def _tools() -> None:
    """telnet and nc are there: without them CI fails, and a small machine skips."""
    for tool in ("telnet", "nc"):
        require(tool)


def require(tool: str) -> None:
    if shutil.which(tool) is None:
        message = f"{tool} is not installed"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)


WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))

PORTS = range(11_000 + 400 * (WORKER % 40), 11_400 + 400 * (WORKER % 40))
"""Those of this process: a server binds its port seconds after it was found to be free.
They lie below those that the kernel gives to connections (32768 and up)."""


def free_port(kind: int) -> int:
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket(socket.AF_INET, kind) as probe, contextlib.suppress(OSError):
            probe.bind(("", port))
            return port
    pytest.fail("no port is free")


Serve = Callable[..., AbstractContextManager[int]]


@pytest.fixture
def serve(tmp_path: Path) -> Serve:
    """Runs a reference server, its built-in port changed to a free one of this machine."""

    @contextlib.contextmanager
    def run(path: str, kind: int = socket.SOCK_STREAM) -> Iterator[int]:
        source = REFERENCES / path
        command = COMMANDS[source.suffix]
        require(command[0])
        port = free_port(kind)
        text, changed = re.subn(r"\bPORT = \d+", f"PORT = {port}", source.read_text())
        assert changed == 1
        copy = tmp_path / source.name
        copy.write_text(text)
        with subprocess.Popen(
            [*command, copy],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                await_port(process, port)
                yield port
                assert process.poll() is None, "the server has ended"
            finally:
                process.kill()

    return run


def await_port(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + WITHIN
    seen = psutil.Process(process.pid)
    while not any(c.laddr.port == port and not c.raddr for c in seen.net_connections("inet")):
        assert process.poll() is None, "the server ended"
        assert time.monotonic() < deadline, "the server does not listen"
        time.sleep(0.02)


@contextlib.contextmanager
def typed(*command: str) -> Iterator[pexpect.spawn]:
    """A program at a terminal that does not echo.

    The echo is off before the program begins: telnet sets the terminal up for
    itself (its escape character ends a line there), and what is changed beside it
    can undo that.
    """
    child = pexpect.spawn(
        command[0], list(command[1:]), timeout=WITHIN, encoding="utf-8", echo=False
    )
    try:
        yield child
    finally:
        # Waited for: `close` alone gives up on a child that has not died within 0.4 s.
        child.kill(signal.SIGKILL)
        child.wait()
        child.close()


def telnet(port: int) -> AbstractContextManager[pexpect.spawn]:
    return typed("telnet", "127.0.0.1", str(port))


ECHOES = [
    "echo/python/thread_per_client.py", "echo/python/thread_pool.py", "echo/python/fork.py",
    "echo/python/select_loop.py", "echo/python/asyncio_streams.py",
    "echo/python/one_at_a_time.py", "echo/node/echo.js", "echo/java/Nio.java",
    "echo/java/ThreadPerClient.java",
]  # fmt: skip


@pytest.mark.parametrize("path", ECHOES)
def test_echo_by_telnet(serve: Serve, path: str) -> None:
    with serve(path) as port:
        for goodbye in ("BYE", "bye"):
            with telnet(port) as child:
                child.expect("Connected to")
                child.expect(r"Welcome to the .*\r\n.*BYE command\.\r\n")
                child.sendline("hello, you")
                child.expect("> HELLO, YOU\r\n")
                child.sendline("")
                child.expect("> \r\n")
                child.sendline("héllo €")
                child.expect("> HÉLLO €\r\n")
                child.sendline(goodbye)
                child.expect("> BYE\r\n")
                child.expect("Connection closed by foreign host")
                child.expect(pexpect.EOF)


def test_echo_node_by_telnet(serve: Serve) -> None:
    """It greets nobody, answers without prefix, and says nothing to BYE."""
    with serve("echo/node/echo_node.js") as port, telnet(port) as child:
        child.expect(r"Escape character is .*\r\n")
        child.sendline("hello")
        child.expect("HELLO\r\n")
        child.sendline("BYE")
        child.expect("Connection closed by foreign host")
        assert child.before.count("BYE") <= 1  # the terminal's own echo


def test_two_at_terminals_at_once(serve: Serve) -> None:
    with serve(ECHOES[0]) as port, telnet(port) as first, telnet(port) as second:
        first.expect("BYE command")
        second.expect("BYE command")
        first.sendline("one")
        second.sendline("two")
        second.expect("> TWO\r\n")
        first.expect("> ONE\r\n")


@pytest.mark.parametrize("path", ECHOES)
def test_echo_by_nc(serve: Serve, path: str) -> None:
    """`printf … | nc -N`: all lines at once, then the end of the stream."""
    with serve(path) as port:
        talk = subprocess.run(
            ["nc", "-N", "127.0.0.1", str(port)],
            input="one\r\ntwo\nlast, without newline", capture_output=True, text=True,
            timeout=WITHIN, check=True,
        )  # fmt: skip
    lines = talk.stdout.splitlines()
    assert lines[-3:] == ["> ONE", "> TWO", "> LAST, WITHOUT NEWLINE"]


@pytest.mark.parametrize(
    "path", ["presence/python/threads.py", "presence/node/presence.js",
             "presence/java/PresenceServer.java"],
)  # fmt: skip
def test_presence_by_telnet(serve: Serve, path: str) -> None:
    with serve(path) as port, telnet(port) as ann:
        ann.expect("(?i)welcome")
        ann.sendline("HELLO Ann")
        ann.expect(r"Ann is in the room\.\r\n")
        with telnet(port) as bob:
            bob.expect("(?i)welcome")
            ann.expect(r"Someone has arrived\.\.\.\r\n")
            chat(ann, bob)


def chat(ann: pexpect.spawn, bob: pexpect.spawn) -> None:
    bob.sendline("HELLO Bob")
    for child in (ann, bob):
        child.expect(r"Bob is in the room\.\r\n")
    bob.sendline("SAY good morning")
    for child in (ann, bob):
        child.expect("Bob says: +good morning\r\n")
    ann.sendline("WHO")
    ann.expect("Currently connected users:\r\n - Ann\r\n - Bob\r\n")
    ann.sendline("BYE")
    bob.expect(r"Ann has left the room\.\r\n")
    ann.expect("Connection closed by foreign host")
    bob.sendline("WHO")
    bob.expect("Currently connected users:\r\n - Bob\r\n")


@pytest.mark.parametrize(
    "path", ["streaming-time/python/threads.py", "streaming-time/python/one_at_a_time.py",
             "streaming-time/node/streaming_time.js", "streaming-time/java/StreamingTime.java"],
)  # fmt: skip
def test_streaming_time_by_telnet(serve: Serve, path: str) -> None:
    with serve(path) as port, telnet(port) as child:
        said = set()
        for _ in range(3):
            child.expect(r"\{'time' : '([^']+)'\}\r\n")
            said.add(child.match[1])
        assert len(said) > 1, "the time stands still"
        child.send("\x1d")
        child.expect("telnet> ")
        child.sendline("quit")
        child.expect("Connection closed")


@pytest.mark.parametrize(
    "path", ["presence-udp/python/event_loop.py", "presence-udp/node/presence.js",
             "presence-udp/java/PresenceServer.java"],
)  # fmt: skip
def test_presence_udp_by_nc(serve: Serve, path: str) -> None:
    with serve(path, socket.SOCK_DGRAM) as port:
        client = ("nc", "-u", "127.0.0.1", str(port))
        with typed(*client) as ann, typed(*client) as bob:
            ann.sendline("HELLO Ann")
            ann.expect(r"Ann is in the room\.")
            bob.sendline("HELLO Bob")
            for child in (ann, bob):
                child.expect(r"Bob is in the room\.")
            ann.sendline("SAY good morning")
            bob.expect("Ann says: +good morning")
            bob.sendline("BYE")
            ann.expect(r"Bob has left the room\.")


def test_serve_is_there_to_play_with() -> None:
    """`conformance serve`, and a telnet beside it, as the README says."""
    port = 2323
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), WITHIN):
        pytest.skip("port 2323 of this machine is taken")
    words = [sys.executable, "-m", "conformance", "serve", "echo"]
    with subprocess.Popen(
        words, cwd=REFERENCES.parent, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            assert process.stderr is not None
            said = b""
            while b"telnet localhost 2323" not in said:
                assert select.select([process.stderr], [], [], WITHIN)[0], said
                part = os.read(process.stderr.fileno(), 4_096)  # no buffer that hides a line
                assert part, said
                said += part
            with telnet(port) as child:
                child.expect("BYE command")
                child.sendline("hello")
                child.expect("> HELLO\r\n")
            process.send_signal(2)
            _, rest = process.communicate(timeout=WITHIN)
            assert b"the server is stopped" in rest
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), WITHIN)
        finally:
            process.kill()
