"""Programs that end, or fail, for what this machine lacks: open, and told what to install."""

from __future__ import annotations

import pytest

from kit.desk import Desk

NEWER = "import profiling"
"""A module that Python has from 3.15 on."""

WITH_A_CLIENT = """
import socket
server = socket.create_server(("", 2323))
while True:
    conn, _ = server.accept()
    if conn.recv(100):
        import profiling
"""


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (NEWER, "it needs Python 3.15 or later (profiling); this machine has Python 3."),
        ("x = (f'{1 :=^9}'\n", ""),
        ("raise ModuleNotFoundError(\"No module named 'profiling'\")", ""),
        ("print(\"ModuleNotFoundError: No module named 'tkinter'\")\nexit(1)", ""),
        ("import sys\nsys.profiling", ""),
    ],
    ids=["newer", "own mistake", "words alone", "other words alone", "own name"],
)
def test_a_program_that_ends_at_once(source: str, reason: str, desk: Desk) -> None:
    checked = desk.check(desk.program(source), "--lab", "echo", "--only", "1.1")
    verdict = checked.verdicts["1.1"]
    assert verdict["outcome"] == ("inconclusive" if reason else "failed")
    assert reason in (verdict.get("reason") or "")
    assert checked.status == (3 if reason else 1)


def test_what_is_missed_only_when_a_client_comes(desk: Desk) -> None:
    checked = desk.check(desk.program(WITH_A_CLIENT), "--lab", "echo", "--only", "3.1")
    verdict = checked.verdicts["3.1"]
    assert verdict["outcome"] == "inconclusive"
    assert "it needs Python 3.15 or later (profiling)" in verdict["reason"]
