"""The many ways to check: one port for many, by another user, in lower tiers, over the
network, again from a file. The verdicts are the same."""

from __future__ import annotations

import json
import os
import select
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from kit.desk import REFERENCES, REPOSITORY, Desk, this_machines_ports

THREADS = REFERENCES / "echo" / "python" / "thread_per_client.py"
SOME = ("--only", "1,3.1,3.2,3.4,4.1")

FAULTY = """
    def answer(client, text):
        client.sendall(f"> {text.upper()[:-1]}\\n".encode())

    def hang_up(client):
        time.sleep(2)
"""
"""Fails 3.1, as wrong bytes, and 4.1, as lateness; nothing else of SOME."""


# -- one port for many ----------------------------------------------------------------


@contextmanager
def occupied(port: int) -> Iterator[None]:
    """The port of this machine is taken (by us, or by whoever was first)."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind(("", port))
            other.listen()
        except OSError:
            socket.create_connection(("localhost", port), 10).close()  # taken, and it listens
        yield


@pytest.fixture(scope="session")
def jar(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reference server as a jar, with its port built in."""
    folder = tmp_path_factory.mktemp("jar")
    source = REFERENCES / "echo" / "java" / "ThreadPerClient.java"
    run = {"check": True, "cwd": folder, "timeout": 120}
    subprocess.run(["javac", "-d", "classes", source], **run)  # type: ignore[call-overload]
    command = ["jar", "cfe", "server.jar", "ThreadPerClient", "-C", "classes", "."]
    subprocess.run(command, **run)  # type: ignore[call-overload]
    return folder / "server.jar"


def test_a_jar_whose_port_another_program_holds(desk: Desk, jar: Path) -> None:
    with this_machines_ports(), occupied(2323):
        checked = desk.check(jar, *SOME)
    assert checked.those("passed") == ["1.1", "1.2", "3.1", "3.2", "3.4", "4.1"], checked.stdout
    assert checked.status == 0


@pytest.mark.slow
def test_twenty_at_once_with_one_and_the_same_port(desk: Desk) -> None:
    good, faulty = desk.echo(name="good.py"), desk.echo(FAULTY, name="faulty.py")
    started = []
    for number in range(20):
        report = desk.reports / f"{number}.json"
        server = faulty if number % 4 == 0 else good
        arguments = ("--lab", "echo", "--only", "1.1,3.1,3.4", "--jobs", 2, "--json", report)
        started.append((server, report, desk.start("check", server, *arguments)))
    for server, report, process in started:
        _, stderr = process.communicate(timeout=300)
        run = json.loads(report.read_text())
        outcomes = {verdict["clause"]: verdict["outcome"] for verdict in run["verdicts"]}
        form = "failed" if server == faulty else "passed"
        assert outcomes == {"1.1": "passed", "3.1": form, "3.4": "passed"}, stderr
        assert process.returncode == (server == faulty)


# -- another user, and lower tiers ----------------------------------------------------


def as_an_ordinary_user() -> tuple[str, ...]:
    """The words before a command that make it another user's; none where we are one."""
    if os.geteuid() != 0:
        return ()
    uid = str(30_000 + os.getpid() % 20_000)
    return ("setpriv", "--reuid", uid, "--regid", uid, "--clear-groups", "--no-new-privs")


WAYS = {
    "the best tier": ((), ""),
    "an ordinary user": (as_an_ordinary_user(), ""),
    "tier network": ((), "network"),
    "tier network, an ordinary user": (as_an_ordinary_user(), "network"),
    "tier none": ((), "none"),
    "tier none, an ordinary user": (as_an_ordinary_user(), "none"),
}


@pytest.fixture
def everybodys() -> None:
    """The suite itself can be read by other users."""
    words = (*as_an_ordinary_user(), sys.executable, "-c", "import conformance, click, pyroute2")
    tried = subprocess.run(words, cwd=REPOSITORY, check=False, capture_output=True, timeout=60)
    if tried.returncode:
        pytest.skip("the suite stands where an ordinary user cannot read it")


@pytest.mark.usefixtures("everybodys")
@pytest.mark.parametrize(("words", "tier"), WAYS.values(), ids=WAYS)
def test_the_verdicts_are_the_same(desk: Desk, words: tuple[str, ...], tier: str) -> None:
    environment = {"CONFORMANCE_TIER": tier} if tier else {}
    environment["XDG_RUNTIME_DIR"] = str(desk.reports)  # where all can find the same lock
    with this_machines_ports() if tier == "none" else nullcontext():
        compare(desk, words, tier, environment)


def compare(desk: Desk, words: tuple[str, ...], tier: str, environment: dict[str, str]) -> None:
    good = desk.check(desk.echo(STUBBORN), *SOME, command=words, **environment)
    assert set(good.outcomes.values()) == {"passed"}, good.stdout
    assert good.status == 0
    faulty = desk.check(desk.echo(FAULTY), *SOME, command=words, **environment)
    assert faulty.those("failed") == ["3.1", "4.1"], faulty.stdout
    assert faulty.those("passed") == ["1.1", "1.2", "3.2", "3.4"]
    assert faulty.verdicts["4.1"]["fault"] == "late"
    assert faulty.verdicts["4.1"]["earlier"], "judged the first time that it was late"
    assert faulty.status == 1
    if tier:
        assert faulty.run["tier"] == tier
        assert f"tier {tier}" in " ".join(faulty.run["notes"])


STUBBORN = """
    def main():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if os.fork() == 0:
            os.setsid()
            time.sleep(1000)
        accept_from(listen())
"""


def test_in_tier_none_a_port_that_is_taken_is_nobodys_fault(desk: Desk) -> None:
    with this_machines_ports(), occupied(2323):
        checked = desk.check(
            desk.echo(), "--only", "1.1,3.1", CONFORMANCE_TIER="none",
            XDG_RUNTIME_DIR=str(desk.reports),
        )  # fmt: skip
    assert checked.outcomes["1.1"] == "inconclusive", checked.stdout
    assert "port 2323 of this machine is taken" in checked.verdicts["1.1"]["reason"]
    assert checked.those("failed") == []
    assert checked.status == 3


# -- a server that runs already -------------------------------------------------------


@pytest.fixture
def running(desk: Desk) -> Iterator[int]:
    """An echo server on a free port of this machine, as one that runs in an IDE."""
    server = desk.echo("""
        def listen():
            listener = socket.create_server(("", 0), backlog=256)
            print(listener.getsockname()[1], flush=True)
            return listener
    """)
    with subprocess.Popen(
        [sys.executable, server], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert select.select([process.stdout], [], [], 30)[0]
            yield int(process.stdout.readline())
        finally:
            process.kill()


def connect(desk: Desk, port: int, *arguments: object) -> dict[str, str]:
    report = desk.reports / "remote.json"
    checked = desk.call(
        "check", "--connect", f"localhost:{port}", "--lab", "echo", "--json", report, *arguments
    )
    checked.run = json.loads(report.read_text())
    assert checked.run["tier"] == "remote"
    assert "Traceback" not in checked.stderr
    for verdict in checked.verdicts.values():
        if verdict["outcome"] == "not_run":
            assert "--connect" in verdict["reason"]
    return checked.outcomes


def test_a_server_that_runs_already(desk: Desk, running: int) -> None:
    outcomes = connect(desk, running, "--only", "1,2,3,4,5.1,5.2,6")
    assert set(outcomes.values()) == {"passed", "not_run"}, outcomes
    # What needs the process, or a server that nobody else has used.
    for number in ("1.2", "3.11", "6.5", "6.6", "6.7"):
        assert outcomes[number] == "not_run"
    for number in ("1.1", "2.1", "3.1", "3.2", "3.3", "3.4", "4.1", "5.1", "5.2"):
        assert outcomes[number] == "passed"


def test_nobody_listens_there(desk: Desk) -> None:
    with socket.socket() as taken:
        taken.bind(("localhost", 0))  # ours, and nobody listens
        outcomes_of = desk.call(
            "check", "--connect", f"localhost:{taken.getsockname()[1]}", "--lab", "echo",
            "--only", "1.1,3.1",
        )  # fmt: skip
    assert outcomes_of.status == 1
    assert "connection refused" in outcomes_of.stdout.lower()


# -- what is said, and how it ends ----------------------------------------------------


def test_run_jsonl_rendered_again_is_the_report(desk: Desk) -> None:
    events = desk.folder / "run.jsonl"
    again = [desk.folder / name for name in ("again.json", "again.xml")]
    junit = desk.folder / "junit.xml"
    checked = desk.check(desk.echo(FAULTY), *SOME, "--events", events, "--junit", junit)
    reported = desk.call("report", events, "--json", again[0], "--junit", again[1])
    assert reported.status == checked.status == 1
    assert json.loads(again[0].read_text()) == checked.run
    assert again[1].read_text() == junit.read_text()
    assert reported.stdout == checked.stdout


def test_json_on_stdout_is_alone_there(desk: Desk) -> None:
    called = desk.call("check", THREADS, "--lab", "echo", "--only", "1.1", "--json", "-")
    assert json.loads(called.stdout)["schema"] == "conformance.run/1"
    assert "1.1" in called.stderr


def test_a_seed_repeats_what_is_said(desk: Desk) -> None:
    server = desk.echo(FAULTY)

    def said(*arguments: object) -> tuple[list[str], int]:
        checked = desk.check(server, "--only", "3.1", *arguments)
        transcript = checked.verdicts["3.1"]["transcript"]
        words = [entry["what"] for entry in transcript if entry["who"] == "client"]
        return words, checked.run["seed"]

    first, seed = said()
    assert said("--seed", seed) == (first, seed)
    assert said("--seed", seed + 1)[0] != first


def test_a_should_costs_only_where_it_is_asked_for(desk: Desk) -> None:
    server = desk.echo("""
        def listen():
            return socket.create_server(("127.0.0.1", PORT))
    """)
    lenient = desk.check(server, "--only", "1")
    assert (lenient.status, lenient.outcomes["1.2"]) == (0, "failed")
    assert lenient.run["max_points"] == 1
    strict = desk.check(server, "--only", "1", "--strict")
    assert (strict.status, strict.outcomes["1.2"]) == (1, "failed")
    assert (strict.run["points"], strict.run["max_points"]) == (1, 2)


@pytest.mark.parametrize("command", [("--help",), ("check", "--help"), ("--version",)])
def test_help(desk: Desk, command: tuple[str, ...]) -> None:
    assert desk.call(*command).status == 0


def test_help_loads_nothing_heavy() -> None:
    """What makes `--help` quick, without a clock: the heavy modules are not imported."""
    code = (
        "import sys; sys.argv = ['conformance', '--help']\n"
        "from conformance.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'pyroute2', 'psutil', 'asyncio', 'dpkt', 'junit_xml', 'lxml', 'rich'}\n"
        "sys.exit(' '.join(heavy & set(sys.modules)) or 0)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr


@pytest.mark.parametrize("mask", ["077", "027"])
def test_whatever_the_callers_umask(desk: Desk, mask: str) -> None:
    """Who builds and who runs it have users of their own, where root is the caller."""
    words = ("sh", "-c", f'umask {mask} && exec "$@"', "sh")
    folder = desk.folder / "project"
    folder.mkdir(mode=0o755)
    shutil.copy(REFERENCES / "echo/java/ThreadPerClient.java", folder)
    # How long javac and a JVM take on a busy machine is not what this is about.
    patient = ("--timeout-scale", "4")
    checked = desk.check(folder, "--only", "3.1", *patient, command=words)
    assert checked.outcomes["3.1"] == "passed", checked.stdout + checked.stderr
