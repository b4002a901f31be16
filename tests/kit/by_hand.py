"""Does what a report tells a student to do, in a network of its own: the program is started by
hand, the commands are run, and what is typed in terminals is typed.

Run as a program, it is what happens inside that network.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypedDict

if TYPE_CHECKING:  # inside the network, it is quicker without
    from conformance.submissions import Program

WITHIN = 120.0
"""Seconds for a server's start and all commands of a report: many times what they take."""

LISTENS_WITHIN = 20.0
"""Seconds after which a program that does not listen is taken for one that never will."""

A_MOMENT = 0.4
"""Seconds between two things that somebody types, and until somebody has read what came."""

_WIRE = (
    "link set lo up",
    "link add wire0 type veth peer name wire1",
    "link set wire0 up",
    "link set wire1 up",
    "address add 10.9.9.1/24 broadcast 10.9.9.255 dev wire0",
    "route add default dev wire0",  # which groups and broadcasts go out by
)
"""Calls of `ip`: a host with an address besides loopback."""

_SETTING = re.compile(r"([A-Z_]+)=(\S+) ")
AT_THE_END = 3.0
"""Seconds for which somebody looks at the screens."""

ZONE = "Etc/GMT-5"
"""The time zone of the host: one that no program can mean by mistake."""

_ROW = re.compile(r"terminals? ([\d, and]+): (.*)")
_TURNS = re.compile(r", (?=(?:nc|type|wait|press) )")


class _Told(TypedDict):
    """What is done in the network."""

    directory: str
    command: list[str]
    environment: dict[str, str]
    port: int
    udp: bool
    shown: str


def by_hand(program: Program, port: int, shown: str, *, udp: bool = False) -> str:
    """What a student sees who does what is shown: all output of all commands, or of each
    terminal."""
    environment = dict(program.environment)
    first, _, rest = shown.partition("\n")
    if "# start it so" in first:
        environment |= dict(_SETTING.findall(first))
        shown = rest
    told = _Told(
        directory=str(program.directory / program.folder),
        command=list(program.told(port)),
        environment=environment,
        port=port,
        udp=udp,
        shown=shown,
    )
    apart = ["unshare", "--map-root-user", "--net", "--pid", "--fork", "--kill-child"]
    done = subprocess.run(
        [*apart, "--mount-proc", sys.executable, "-P", __file__],
        input=json.dumps(told).encode(), capture_output=True, timeout=WITHIN, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def _inside(told: _Told) -> str:
    os.environ["TZ"] = ZONE
    for words in _WIRE:
        subprocess.run(["ip", *words.split()], check=True)
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch) / "work"
        shutil.copytree(told["directory"], work, symlinks=True)
        lay, _, rest = told["shown"].partition("\n")
        if lay.startswith("conformance lay "):  # before the server starts
            call = [sys.executable, "-m", *shlex.split(lay)]
            subprocess.run(call, cwd=work, check=True, stdout=subprocess.DEVNULL)
            told["shown"] = rest
        with _server(told, work) as server:
            _await_listening(server, told["port"], udp=told["udp"])
            if told["shown"].startswith("terminal"):
                return _in_terminals(told["shown"], Path(scratch))
            return "".join(_run(row, work) for row in told["shown"].splitlines())


@contextlib.contextmanager
def _server(told: _Told, work: Path) -> Iterator[subprocess.Popen[bytes]]:
    nothing = subprocess.DEVNULL
    server = subprocess.Popen(
        told["command"], cwd=work, env={**os.environ, **told["environment"]},
        stdin=subprocess.PIPE,  # as a terminal where nobody types
        stdout=nothing, stderr=nothing,
    )  # fmt: skip
    try:
        yield server
    finally:
        server.kill()
        server.wait()


def _await_listening(server: subprocess.Popen[bytes], port: int, *, udp: bool) -> None:
    kind, listens = ("udp", "07") if udp else ("tcp", "0A")
    until = time.monotonic() + LISTENS_WITHIN
    while time.monotonic() < until and server.poll() is None:
        for table in (f"/proc/net/{kind}", f"/proc/net/{kind}6"):
            for row in Path(table).read_text().splitlines()[1:]:
                words = row.split()
                if words[1].endswith(f":{port:04X}") and words[3] == listens:
                    return
        time.sleep(0.05)


def _run(line: str, folder: Path | None = None) -> str:
    done = subprocess.run(
        ["bash", "-c", line], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=WITHIN / 2, check=False,
    )  # fmt: skip
    return done.stdout.decode("utf-8", "backslashreplace")


def _in_terminals(shown: str, scratch: Path) -> str:
    """What stands in each terminal in the end; then the output of commands without one."""
    terminals: dict[int, tuple[subprocess.Popen[bytes], IO[bytes]]] = {}
    others = ""
    for row in shown.splitlines():
        if (told := _ROW.fullmatch(row)) is None:
            time.sleep(A_MOMENT)
            others += _run(row)
            continue
        for number in map(int, re.findall(r"\d+", told[1])):
            for turn in _TURNS.split(told[2]):
                _take(turn, number, terminals, scratch)
                time.sleep(A_MOMENT)
    time.sleep(AT_THE_END)
    for client, _ in terminals.values():
        client.kill()
        client.wait()
    screens = {number: screen.name for number, (_, screen) in sorted(terminals.items())}
    texts = [
        f"[{number}]\n{Path(name).read_bytes().decode('utf-8', 'backslashreplace')}"
        for number, name in screens.items()
    ]
    return "".join(texts) + others


def _take(
    turn: str,
    number: int,
    terminals: dict[int, tuple[subprocess.Popen[bytes], IO[bytes]]],
    scratch: Path,
) -> None:
    """One turn at one terminal."""
    if turn.startswith("nc "):
        screen = (scratch / f"screen-{number}").open("wb", buffering=0)
        client = subprocess.Popen(
            turn.split(), stdin=subprocess.PIPE, stdout=screen, stderr=subprocess.STDOUT
        )
        terminals[number] = client, screen
        return
    if turn.startswith("wait "):
        time.sleep(float(turn.split()[1]))
        return
    client, _ = terminals[number]
    assert client.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        if turn == "press Ctrl-C":
            client.terminate()
        elif turn == "press Ctrl-D":
            client.stdin.close()
        else:
            text = "" if turn == "press Enter" else turn.removeprefix("type ")
            client.stdin.write(f"{text}\n".encode())
            client.stdin.flush()


if __name__ == "__main__":
    sys.stdout.buffer.write(_inside(json.load(sys.stdin)).encode())
