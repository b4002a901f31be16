"""A machine that is measured to be slow stretches the deadlines of all who judge on it, and
says so, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.contract.catalog import load
from conformance.run.plan import Request
from conformance.run.prepare import plan, take_in
from conformance.sandbox import Isolation, Tier
from kit.desk import Desk

TOLD = "every deadline is stretched 3.2 times"


@pytest.fixture
def slow(desk: Desk) -> dict[str, str]:
    """The environment in which `conformance` finds this machine slow, however quick it is."""
    folder = desk.folder / "slow"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "from conformance.sandbox.measure import slowness\n"
        "slowness.measure = lambda: slowness.Slowness(3.2)\n"
    )
    return {"PYTHONPATH": str(folder)}


def test_check_says_so_in_the_notes_of_the_run(desk: Desk, slow: dict[str, str]) -> None:
    checked = desk.check(desk.echo(), "--only", "3.1,4.1", command=(), **slow)
    assert [note for note in checked.run["notes"] if TOLD in note] != []
    assert " ".join(checked.stdout.split()).count(TOLD) == 1
    assert checked.status == 0


def test_what_is_measured_stretches_what_the_sessions_wait(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    request = Request(path=desk.echo(), lab="echo", scale=1.0, stretch=3.2)
    given = (request, load(), Isolation(Tier.NONE), tmp_path / "scratch")
    taken, _ = take_in(*given)
    assert plan(*given, taken).request.stretched == 3.2


def test_whoever_chooses_by_hand_is_heeded(desk: Desk, slow: dict[str, str]) -> None:
    checked = desk.check(desk.echo(), "--only", "3.1", "--timeout-scale", "1", command=(), **slow)
    assert TOLD not in checked.stdout
    assert checked.run["notes"] == desk.check(desk.echo(), "--only", "3.1").run["notes"]


def test_the_command_to_run_it_again_leaves_it_to_the_machine(
    desk: Desk, slow: dict[str, str]
) -> None:
    wrong = desk.echo("def answer(client, text):\n    client.sendall(f'> {text}\\n'.encode())\n")
    verdict = desk.check(wrong, "--only", "3.1", command=(), **slow).verdicts["3.1"]
    assert verdict["outcome"] == "failed"
    assert "--timeout-scale" not in verdict["again"]


def test_grade_says_so_once_for_the_class(desk: Desk, slow: dict[str, str]) -> None:
    entries = desk.folder / "class"
    entries.mkdir()
    for name in ("ann", "bob"):
        desk.echo(name=f"class/{name}.py")
    (entries / "class.toml").write_text(
        'title = "Small"\n[[lab]]\nname = "echo"\nonly = "1.1,3.1"\n'
    )
    graded = desk.call("grade", entries, "--out", desk.folder / "out", command=(), **slow)
    assert graded.status == 0, graded.stderr
    assert " ".join((graded.stdout + graded.stderr).split()).count(TOLD) == 1


def test_the_doctor_says_how_slow_it_is(desk: Desk, slow: dict[str, str]) -> None:
    told = desk.call("doctor", command=(), **slow).stdout
    (row,) = [line for line in told.splitlines() if " speed " in line]
    assert "3.2 times as slow as an ordinary laptop" in row


def test_who_was_kept_waiting_may_open_its_port_later(desk: Desk) -> None:
    """After a second of its own, for the scale is small; the sandbox says what it waited."""
    folder = desk.folder / "waits"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "from conformance.session.disturbance import Disturbance\n"
        "from conformance.verdict.delays import Waited\n"
        "Disturbance.kept_waiting = lambda self, since: Waited(core=40.0)\n"
    )
    late = desk.echo("""
        def listen():
            time.sleep(2)
            return socket.create_server(("", PORT))
    """)
    words = ("--only", "1.1", "--timeout-scale", "0.1")
    checked = desk.check(late, *words, PYTHONPATH=str(folder))
    assert checked.outcomes == {"1.1": "passed"}, checked.stdout
    (note,) = checked.verdicts["1.1"]["notes"]
    assert "the port was open after" in note
    assert "40.00 s of it waiting for a core" in note
