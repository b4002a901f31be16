"""How a program starts, what it says, and how it ends."""

from __future__ import annotations

import errno
import os
import select
import signal
from pathlib import Path
from typing import Any

import pytest

from conformance.sandbox import (
    Isolation,
    Limits,
    Process,
    SandboxError,
    Usage,
    World,
    bubblewrap,
    kernel,
    start_program,
)
from conformance.sandbox.process import launch
from conformance.sandbox.process import process as processes
from conformance.sandbox.process.launch import Launched
from kit.trials import WITHIN, apart, python, until_says

NOTHING = Usage()


def start(world: World, *command: str, **more: Any) -> Process:
    return start_program(world, command, world.scratch / "work", {}, Limits(), **more)


@pytest.mark.parametrize(
    ("script", "status", "words"),
    [
        ("exit 0", 0, "exit status 0"),
        ("exit 3", 3, "exit status 3"),
        ("kill -9 $$", 137, "ended by signal 9 (KILL)"),
        ("exit 127", 127, "exit status 127"),
    ],
)
def test_how_it_ended(
    isolation: Isolation, scratch: Path, script: str, status: int, words: str
) -> None:
    def work() -> tuple[int | None, str]:
        with World(isolation, scratch) as world:
            process = start(world, "/bin/sh", "-c", script)
            return process.wait(within=WITHIN), process.describe_end()

    assert apart(work) == (status, words)


def test_output_outlives_the_program(isolation: Isolation, scratch: Path) -> None:
    def work() -> str:
        with World(isolation, scratch) as world:
            process = start(world, "/bin/sh", "-c", "echo out; echo err >&2; exit 1")
            process.wait(within=WITHIN)
            assert process.terminate(grace=0)
            return process.output.tail()

    assert apart(work) == "out\nerr"


def test_a_missing_program_is_no_fault_of_the_submission(
    isolation: Isolation, scratch: Path
) -> None:
    def work() -> None:
        with World(isolation, scratch) as world:
            for missing in ("no-such-program", "/opt/no/such/program"):
                with pytest.raises(SandboxError, match=f"{missing} is not installed"):
                    start(world, missing)

    apart(work)


def test_a_file_that_is_no_program(isolation: Isolation, scratch: Path) -> None:
    (scratch / "work" / "server").write_text("hello")

    def work() -> tuple[int | None, str]:
        with World(isolation, scratch) as world:
            process = start(world, "./server")
            return process.wait(within=WITHIN), process.output.tail()

    status, said = apart(work)
    assert status == 126
    assert "Permission denied" in said


def test_flood_is_kept_within_bounds(isolation: Isolation, scratch: Path) -> None:
    def work() -> tuple[int, int, int]:
        with World(isolation, scratch) as world:
            process = start(world, "/bin/sh", "-c", "echo first; while :; do echo more; done")
            while process.output.total < 1_000_000:
                process.wait(within=0)
                process.output.drain()
            assert process.terminate(grace=1.0)
            assert process.output.head().startswith("first\n")
            return process.output.total, len(process.output.head()), len(process.output.tail(10**6))

    total, head, tail = apart(work)
    assert total >= 1_000_000
    assert head == 64 * 1024
    assert tail <= 64 * 1024


IGNORES = """
import os, signal
signal.signal(signal.SIGTERM, lambda *_: print("no", flush=True))
print("ready", flush=True)
while True:
    signal.pause()
"""


def test_who_ignores_term_is_killed(isolation: Isolation, scratch: Path) -> None:
    def work() -> tuple[bool, str, str, list[int]]:
        with World(isolation, scratch) as world:
            process = python(world, IGNORES)
            until_says(process, "ready")
            process.signal(signal.SIGTERM)
            until_says(process, "no")
            gone = process.terminate(grace=0.1)
            return gone, process.describe_end(), process.output.tail(), process.pids()

    gone, end, said, left = apart(work)
    assert (gone, end, left) == (True, "ended by signal 9 (KILL)", [])
    assert said.startswith("ready\nno")


def test_who_is_not_gone_in_time_can_be_asked_again(
    isolation: Isolation, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a machine where hundreds of others want its cores."""

    def work() -> tuple[bool, str, bool]:
        with World(isolation, scratch) as world:
            process = python(world, IGNORES)
            until_says(process, "ready")
            with monkeypatch.context() as patch:
                patch.setattr(processes, "GONE_SECONDS", 0.0)
                patch.setattr(Launched, "listen", lambda _: True)
                first = process.terminate(grace=0)
            process.poll()
            return first, process.output.head(), process.terminate(grace=0)

    assert apart(work) == (False, "ready\n", True)


def test_term_is_enough_for_others(isolation: Isolation, scratch: Path) -> None:
    source = (
        "import signal, sys\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit('good-bye'))\n"
        "print('ready', flush=True)\nsignal.pause()"
    )

    def work() -> tuple[bool, str, str]:
        with World(isolation, scratch) as world:
            process = python(world, source)
            until_says(process, "ready")
            return process.terminate(grace=WITHIN), process.describe_end(), process.output.tail(1)

    assert apart(work) == (True, "exit status 1", "good-bye")


FAMILY = """
import os, signal, socket, sys
server = socket.create_server(("", 0))
print("port", server.getsockname()[1], flush=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for _ in range(48):
            if os.fork() == 0:
                break
        print("here", flush=True)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.pause()
    os._exit(0)
os.wait()
server.close()
print("closed", flush=True)
signal.pause()
"""


def until_all_are_there(process: Process) -> None:
    """The detached ones wait, the one between is gone, and the first has closed its listener."""
    while "closed" not in (said := process.output.head()) or said.count("here") < 49:
        process.wait(within=0.01)


def test_detached_children_belong_to_it_and_go_with_it(isolation: Isolation, scratch: Path) -> None:
    def work() -> tuple[int, bool, bool]:
        with World(isolation, scratch) as world:
            process = python(world, FAMILY)
            until_all_are_there(process)
            port = int(process.output.head().split()[1])
            mine = [one for one in world.listeners() if one.port == port]
            # Its first process has closed the listener: the detached ones hold it.
            owner = process.owner(mine[0].inode)
            held = owner is not None and owner != process.program_pid()
            return len(process.pids()), held, process.terminate(grace=0)

    assert apart(work) == (50, True, True)


def test_the_end_of_the_program_ends_the_rest(isolation: Isolation, scratch: Path) -> None:
    def work() -> tuple[int | None, bool, list[int]]:
        with World(isolation, scratch) as world:
            process = start(world, "/bin/sh", "-c", "setsid sleep 1000 & exit 0")
            status = process.wait(within=WITHIN)
            return status, process.terminate(grace=0), process.pids()

    assert apart(work) == (0, True, [])


def test_leaving_the_world_ends_what_runs(isolation: Isolation, scratch: Path) -> None:
    def work() -> tuple[int | None, Usage]:
        with World(isolation, scratch) as world:
            process = start(world, "/bin/sleep", "1000")
        return process.poll(), process.usage()

    assert apart(work) == (137, NOTHING)


def test_bubblewrap_that_is_killed_takes_all_along(full: Isolation, scratch: Path) -> None:
    def work() -> tuple[int | None, bool, int]:
        with World(full, scratch) as world:
            process = python(world, FAMILY)
            until_all_are_there(process)
            handles = [os.pidfd_open(pid) for pid in process.pids()]
            os.kill(process.pid, signal.SIGKILL)
            status = process.wait(within=WITHIN)
            gone = process.terminate(grace=0)
            # Nothing has to be waited for: they were gone before it was.
            return status, gone, len(select.select(handles, [], [], 0)[0])

    assert apart(work) == (137, True, 50)


def test_without_a_pid_namespace_around_bubblewrap(
    full: Isolation, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not every kernel allows one within another."""

    def refused() -> int:
        raise OSError(errno.ENOSPC, "clone3")

    def work() -> tuple[int, bool, list[int]]:
        with World(full, scratch) as world:
            process = python(world, FAMILY)
            until_all_are_there(process)
            return len(process.pids()), process.terminate(grace=0), process.pids()

    monkeypatch.setattr(kernel, "fork_as_process_one", refused)
    assert apart(work) == (50, True, [])


def test_a_host_that_cannot_be_entered_is_no_fault_of_the_submission(
    full: Isolation, scratch: Path
) -> None:
    def work() -> None:
        with (scratch / "file").open("w") as no_network:
            call = bubblewrap.bubblewrap(
                full.bubblewrap, binds=[], read_only=[], chdir="/", variables={}
            )
            with pytest.raises(SandboxError, match="setns: Invalid argument"):
                launch.in_bubblewrap(call, ["/bin/true"], network=no_network.fileno())

    apart(work)


def test_signals_that_python_ignores_are_not_ignored_by_the_program(
    isolation: Isolation, scratch: Path
) -> None:
    def work() -> str:
        with World(isolation, scratch) as world:
            process = start(world, "/bin/grep", "SigIgn", "/proc/self/status")
            process.wait(within=WITHIN)
            return process.output.tail()

    ignored = int(apart(work).split()[1], 16)
    assert not ignored & (1 << signal.SIGPIPE - 1 | 1 << signal.SIGXFSZ - 1)


JAVA = """
import java.net.*;
public class Main {
    public static void main(String[] arguments) throws Exception {
        ServerSocket server = new ServerSocket(2323);
        System.out.println(InetAddress.getLocalHost());
        server.accept();
    }
}
"""

NODE = "require('net').createServer().listen(2323, () => console.log('submission/10.9.9.1'))"


@pytest.mark.parametrize(("command", "source"), [("java", JAVA), ("node", NODE)])
def test_other_languages(wired: Isolation, scratch: Path, command: str, source: str) -> None:
    (scratch / "work" / "Main.java").write_text(source)

    def work() -> None:
        with World(wired, scratch) as world:
            process = start(world, command, "Main.java")
            until_says(process, "submission/10.9.9.1")
            listener = world.listeners()[0]
            assert (listener.address, listener.port, listener.v6only) == ("::", 2323, False)
            assert process.owns(listener.inode)
            assert process.terminate(grace=WITHIN)

    apart(work)
