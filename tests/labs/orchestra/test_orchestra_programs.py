"""Whole programs: what a report says of one that goes wrong."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from kit.desk import Desk

REFERENCE = Path(__file__).parents[3] / "reference_servers/orchestra/python/threads"


def handed_in(desk: Desk, **changed: str) -> Path:
    """The reference, with other text for one of its programs."""
    folder = desk.folder / "work"
    folder.mkdir()
    for role in ("auditor", "musician"):
        source = (REFERENCE / f"{role}.py").read_text(encoding="utf-8")
        (folder / f"{role}.py").write_text(dedent(changed.get(role, source)), encoding="utf-8")
    return folder


def test_a_musician_that_crashes_is_named_with_its_exception(desk: Desk) -> None:
    work = handed_in(desk, musician="import sys\nSOUNDS = {}\nprint(SOUNDS[sys.argv[1]])\n")
    checked = desk.check(work, "--only", "1.1,2.1", lab="orchestra")
    assert checked.outcomes == {"1.1": "failed", "2.1": "passed"}
    assert "KeyError at musician.py:3" in checked.verdicts["1.1"]["hint"]
    assert "exit status 1" in checked.verdicts["1.1"]["actual"]


def test_without_a_second_program_it_says_which_is_missing(desk: Desk) -> None:
    path = desk.program((REFERENCE / "auditor.py").read_text(), name="auditor.py")
    checked = desk.call("check", path, "--lab", "orchestra")
    assert checked.status == 2
    assert "only the auditor was found, and no musician" in checked.stderr


def test_an_auditor_that_runs_already_is_asked_what_can_be_asked(desk: Desk) -> None:
    plain = """
        import socket

        server = socket.create_server(("", 2205))
        while True:
            with server.accept()[0] as client:
                client.sendall(b"[]")
    """
    checked = desk.check(handed_in(desk, auditor=plain), "--only", "2.1,2.2,2.8", lab="orchestra")
    assert set(checked.outcomes.values()) == {"passed"}
