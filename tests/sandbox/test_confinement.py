"""What a program sees, and what it may use."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from conformance.sandbox import (
    Isolation,
    Limits,
    Process,
    World,
    bubblewrap,
    run_build,
    start_program,
)
from kit.trials import WITHIN, apart, python, until_says


def start(world: World, *command: str, **more: Any) -> Process:
    return start_program(world, command, world.scratch / "work", {}, Limits(), **more)


WORLD_AS_SEEN = """
import os, select, socket, sys
print(os.environ["LC_ALL"], os.environ["TZ"], os.environ["GIVEN"], len(os.environ) < 15)
print(os.path.samefile(os.environ["HOME"], os.getcwd()), os.path.exists("main.py"))
print(select.select([sys.stdin], [], [], 0.05)[0])
open("written", "w").close()
print(sorted(int(n) for n in os.listdir("/proc/self/fd"))[:4])
"""


def test_environment(isolation: Isolation, scratch: Path) -> None:
    def work() -> str:
        with World(isolation, scratch) as world:
            process = python(world, WORLD_AS_SEEN, environment={"GIVEN": "so"})
            process.wait(within=WITHIN)
            return process.output.tail()

    # The fourth descriptor is the folder that is being listed.
    assert apart(work) == "C.UTF-8 UTC so True\nTrue True\n[]\n[0, 1, 2, 3]"
    assert (scratch / "work" / "written").exists()


def test_names(wired: Isolation, scratch: Path) -> None:
    source = (
        "import socket\n"
        "for name in ('localhost', socket.gethostname(), 'chat.example'):\n"
        "    print(name, socket.gethostbyname(name))"
    )

    def work() -> str:
        with World(wired, scratch, names=["chat.example"]) as world:
            process = python(world, source)
            process.wait(within=WITHIN)
            return process.output.tail()

    assert apart(work).splitlines() == [
        "localhost 127.0.0.1",
        "submission 10.9.9.1",
        "chat.example 10.9.9.1",
    ]


CONFINED = """
import os, socket
def fails(action):
    try:
        action()
    except OSError as error:
        return error.strerror
    return "it worked"
print(fails(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW)))
print(fails(lambda: open("/usr/file", "w")))
print(fails(lambda: open("/file", "w")))
print(os.listdir("/home"), os.listdir("/tmp"), os.path.exists(os.environ["SCRATCH"]))
print([line.split()[1] for line in open("/proc/self/status") if line[:6] in ("CapEff", "NoNewP")])
print(len([name for name in os.listdir("/proc") if name.isdigit()]))
print(fails(lambda: os.kill(int(os.environ["WORKER"]), 9)))
"""


def test_confinement(full: Isolation, scratch: Path) -> None:
    def work() -> str:
        with World(full, scratch) as world:
            seen = {"SCRATCH": str(scratch), "WORKER": "99999"}
            process = python(world, CONFINED, environment=seen)
            process.wait(within=WITHIN)
            return process.output.tail()

    assert apart(work).splitlines() == [
        "Address family not supported by protocol",
        "Read-only file system",
        "Read-only file system",
        "['student'] [] False",
        "['0000000000000000', '1']",
        "2",
        "No such process",
    ]


FORKS = """
import os, signal, sys
count = 0
try:
    while count < 500:
        if os.fork() == 0:
            signal.pause()
        count += 1
except OSError as error:
    print(count < 60, error.strerror, flush=True)
print("done", flush=True)
signal.pause()
"""


def test_limit_on_processes(full: Isolation, scratch: Path) -> None:
    def work() -> tuple[str, bool]:
        with World(full, scratch) as world:
            process = python(world, FORKS, limits=Limits(processes=60))
            until_says(process, "done")
            usage = process.usage()
            assert 50 < usage.processes == usage.threads
            assert usage.memory_bytes > 0
            return process.output.tail(), process.terminate(grace=0)

    assert apart(work) == ("True Resource temporarily unavailable\ndone", True)


def test_limit_on_files(isolation: Isolation, scratch: Path) -> None:
    source = "with open('big', 'wb') as big:\n    big.write(bytes(3000))"

    def work() -> str:
        with World(isolation, scratch) as world:
            process = python(world, source, limits=Limits(file_bytes=1000))
            process.wait(within=WITHIN)
            return process.output.tail(1)

    assert "File too large" in apart(work)


def test_own_tmp_folder(full: Isolation, scratch: Path) -> None:
    def work() -> int | None:
        with World(full, scratch) as world:
            script = f"test -w /dev/shm && mkdir /tmp/{scratch.parent.name}-own"
            return start(world, "/bin/sh", "-c", script).wait(within=WITHIN)

    assert apart(work) == 0
    assert not Path(f"/tmp/{scratch.parent.name}-own").exists()


@pytest.mark.parametrize("locked", [0o755, 0o700])
def test_an_installation_outside_the_system(full: Isolation, scratch: Path, locked: int) -> None:
    """Also where only root can reach it: 0700, as /root is."""
    home = scratch.parent / "home"
    program = home / "opt" / "bin" / "shell"
    program.parent.mkdir(parents=True)
    shutil.copy("/bin/sh", program)
    home.chmod(locked)
    readable = (home / "opt",)

    def work() -> tuple[int | None, str]:
        with World(full, scratch, readable=readable) as world:
            by_name = start(world, "shell", "-c", "exit 5", readable=readable)
            assert by_name.wait(within=WITHIN) == 5
            process = start(world, str(program), "-c", f"ls {home}", readable=readable)
            return process.wait(within=WITHIN), process.output.tail()

    assert apart(work) == (0, "opt")
    assert program.exists()


def test_nothing_is_shown_for_being_named(full: Isolation, scratch: Path) -> None:
    """A program of this machine, or of another student, by its absolute path."""
    program = scratch.parent / "neighbour" / "bin" / "server"
    program.parent.mkdir(parents=True)
    shutil.copy("/bin/sh", program)

    def work() -> tuple[int | None, str]:
        with World(full, scratch) as world:
            process = start(world, str(program), "-c", "echo well")
            return process.wait(within=WITHIN), process.output.tail()

    status, said = apart(work)
    assert status == 127
    assert "No such file or directory" in said
    result = run_build([str(program), "-c", "echo well"], scratch / "work", WITHIN, isolation=full)
    assert result.status == 127, result.output


def test_this_suite_is_not_shown_where_it_is_installed(
    full: Isolation, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever else of that folder is shown: a Python with all that is installed for it."""
    ours = scratch.parent / "python" / "lib" / "conformance"
    ours.mkdir(parents=True)
    (ours / "scenarios").write_text("secret")
    (ours.parent / "library").write_text("shown")
    monkeypatch.setattr(bubblewrap, "_OURS", ours)
    readable = (scratch.parent / "python",)

    def work() -> str:
        with World(full, scratch, readable=readable) as world:
            script = f"ls {ours.parent} {ours}; touch {ours}/x"
            process = start(world, "/bin/sh", "-c", script, readable=readable)
            process.wait(within=WITHIN)
            return process.output.text()

    said = apart(work)
    assert "library" in said
    assert "scenarios" not in said
    assert "Read-only file system" in said


def test_what_could_hold_a_password_is_empty(
    full: Isolation, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For a program as for a build: here a file of the system that is there on any machine."""
    private = "/usr/share/common-licenses/GPL-3"
    if not Path(private).is_file():
        private = "/usr/lib/os-release"
    monkeypatch.setattr(bubblewrap, "PRIVATE", (private, "/usr/no/such"))

    def work() -> str:
        with World(full, scratch) as world:
            process = start(world, "wc", "-c", private)
            process.wait(within=WITHIN)
            return process.output.text()

    assert apart(work).split()[0] == "0"
    result = run_build(["wc", "-c", private], scratch / "work", WITHIN, isolation=full)
    assert result.output.split()[0] == "0"


def test_room_for_many_threads(isolation: Isolation, scratch: Path) -> None:
    """A thread for each of 400 clients, with the stacks that Python gives them."""
    source = (
        "import threading\n"
        "enough = threading.Barrier(401)\n"
        "for _ in range(400): threading.Thread(target=enough.wait).start()\n"
        "enough.wait()\nprint('all')"
    )

    def work() -> tuple[int | None, str]:
        with World(isolation, scratch) as world:
            process = python(world, source)
            return process.wait(within=WITHIN), process.output.tail(1)

    assert apart(work) == (0, "all")
