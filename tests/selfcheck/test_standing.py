"""Whether a mutant that hangs was said to stand where it does. No program runs here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from conformance.contract.catalog import load
from conformance.selfcheck import Account, CheckedMutant
from conformance.selfcheck.references import read_library
from conformance.selfcheck.references.library import Mutant
from conformance.selfcheck.standing import Standings, misplaced, standings
from conformance.verdict.model import Attempt, Outcome, Run, Verdict
from conformance.verdict.points import Counting, Status, mark
from conformance.verdict.symptoms import Stood
from conformance.verdict.violation import Fault

SERVER = '''\
"""A server.

Lab: echo
Leaves to the student: nothing
"""
def serve(conn):
    conn.sendall(b"hello")

conn = accept()
serve(conn)
'''
MUTANT = """
[[mutant]]
name = "waits"
file = "python/good.py"
old = '''    conn.sendall(b"hello")'''
new = '''    print("waits")
    conn.recv(1)'''
fails = ["3.2"]
stands = {stands}
idea = "The client asks first."
"""
CLAUSES = {clause.number: clause for clause in load()["echo"].contract.clauses}
ACCEPT = Stood("waits in accept", file="good.py", line=10)
RECV = Stood("waits in recv", file="good.py", line=8, source="    conn.recv(1)")
CALL = Stood("waits in recv", file="good.py", line=11)
NO_LINE = Stood("waits in recv")


def mutant(folder: Path, stands: str = '["conn.recv(1)", "serve(conn)"]') -> Mutant:
    (folder / "echo" / "python").mkdir(parents=True)
    (folder / "echo" / "python" / "good.py").write_text(SERVER)
    (folder / "echo" / "mutants.toml").write_text(MUTANT.format(stands=stands))
    [found] = read_library(folder, load()).mutants
    return found


def run(*stood: Stood, clause: str = "3.2", outcome: Outcome = Outcome.FAILED) -> Run:
    attempt = Attempt(outcome, expected="this", actual="that", fault=Fault.ABSENT, stood=stood)
    verdict = Verdict(CLAUSES[clause], CLAUSES[clause].level, attempt)
    judged = (mark(verdict, Counting(strict=True)),)
    return Run("echo", "x", {}, 1, "full", "0", True, verdicts=judged)


@pytest.mark.parametrize("stood", [[RECV], [ACCEPT, RECV], [CALL], [NO_LINE], []])
def test_its_own_line_a_caller_or_no_line_at_all(tmp_path: Path, stood: list[Stood]) -> None:
    assert misplaced(mutant(tmp_path), run(*stood)) == []


@pytest.mark.parametrize(
    "other",
    [
        ACCEPT,
        replace(RECV, line=7),  # of the server before the edit
        replace(RECV, line=99),
        replace(RECV, line=0),
        replace(RECV, file="bad.py"),
    ],
)
def test_another_line_is_a_complaint(tmp_path: Path, other: Stood) -> None:
    [told] = misplaced(mutant(tmp_path), run(other, NO_LINE))
    where = f"{other.file}:{other.line}"
    assert told == f"3.2: said to stand in {where}; it hangs in 'conn.recv(1)' or 'serve(conn)'."


def test_a_folder_above_the_file_makes_no_difference(tmp_path: Path) -> None:
    assert misplaced(mutant(tmp_path), run(replace(RECV, file="src/good.py"))) == []


def test_one_that_waits_for_an_event_stands_in_no_line(tmp_path: Path) -> None:
    idle = mutant(tmp_path, "[]")
    assert misplaced(idle, run(NO_LINE)) == []
    assert misplaced(idle, run(RECV)) == [
        "3.2: said to stand in good.py:8; it hangs in no line of its own."
    ]


def test_only_what_it_fails_as_declared_is_looked_at(tmp_path: Path) -> None:
    found = mutant(tmp_path)
    assert misplaced(found, run(ACCEPT, clause="3.3")) == []
    assert misplaced(found, run(ACCEPT, outcome=Outcome.PASSED)) == []
    assert misplaced(replace(found, stands=None), run(ACCEPT)) == []


def test_a_wrong_line_fails_the_selfcheck(tmp_path: Path) -> None:
    checked = CheckedMutant(mutant(tmp_path), "1.1")
    assert Account(checked, run(RECV)).status is Status.PASSED
    assert Account(checked, run(ACCEPT)).status is Status.FAILED


def test_they_are_counted(tmp_path: Path) -> None:
    hangs, idle = mutant(tmp_path / "one"), mutant(tmp_path / "other", "[]")
    unsaid = replace(hangs, stands=None)
    tried = [(hangs, run(RECV)), (hangs, run(ACCEPT)), (hangs, run(NO_LINE)), (idle, run())]
    assert standings([*tried, (unsaid, run(RECV))]) == Standings(right=2, wrong=1, unnamed=1)
