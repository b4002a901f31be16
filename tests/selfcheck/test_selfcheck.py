"""What the verdicts on references and mutants say of the suite. No program runs here."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from conformance.contract.catalog import load
from conformance.reports.suite import selfcheck as report
from conformance.selfcheck import (
    Account,
    CheckedMutant,
    CheckedReference,
    Mark,
    status,
    uncaught,
)
from conformance.selfcheck.choice import Choice, Part
from conformance.selfcheck.references.library import Library, Mutant, Reference
from conformance.selfcheck.subjects import Subject
from conformance.verdict.model import (
    Attempt,
    Blame,
    Clause,
    Level,
    Outcome,
    Run,
    Verdict,
    WrongCall,
)
from conformance.verdict.points import Counting, Status, mark
from conformance.verdict.violation import Fault

CLAUSES = {clause.number: clause for clause in load()["echo"].contract.clauses}
REFERENCE = Reference("python/good", "echo", Path("good.py"), "echo", {}, {"6.2": "not taught"})


def mutant(name: str = "bad", *fails: str, language: str = "python") -> Mutant:
    reference = Reference(f"{language}/good", "echo", Path("good"), "echo", {}, {})
    return Mutant(name, reference, Path(), "a", "b", fails or ("4.1",), "Why not?")


def verdict(number: str, outcome: Outcome, fault: Fault | None = None) -> Verdict:
    clause: Clause = CLAUSES[number]
    blame = Blame.PROGRAM if outcome is Outcome.NOT_RUN else None
    attempt = Attempt(outcome, expected="this", actual="that", fault=fault, blame=blame)
    return mark(Verdict(clause, clause.level, attempt), Counting(strict=True))


def account(subject: Subject, **outcomes: Outcome | Fault) -> Account:
    """`c41=Outcome.PASSED`; a fault stands for a failure that rests on it."""
    verdicts = []
    for key, told in outcomes.items():
        number = f"{key[1]}.{key[2:]}"
        if isinstance(told, Fault):
            verdicts.append(verdict(number, Outcome.FAILED, told))
        else:
            verdicts.append(verdict(number, told))
    return Account(subject, Run("echo", "x", {}, 1, "full", "0", True, verdicts=tuple(verdicts)))


PASSED, NOT_RUN, INCONCLUSIVE = Outcome.PASSED, Outcome.NOT_RUN, Outcome.INCONCLUSIVE
SPARED = CheckedReference(REFERENCE)
CAUGHT = CheckedMutant(mutant(), "1.1")


@pytest.mark.parametrize(
    ("outcome", "mark", "code"),
    [
        (Fault.WRONG, Mark.CAUGHT, 0),
        (Fault.ABSENT, Mark.CAUGHT, 0),
        (PASSED, Mark.MISSED, 1),
        (NOT_RUN, Mark.MISSED, 1),
        (INCONCLUSIVE, Mark.UNJUDGED, 3),
    ],
)
def test_a_declared_clause_must_fail(outcome: Outcome | Fault, mark: Mark, code: int) -> None:
    found = account(CAUGHT, c41=outcome)
    assert found.marks == {"4.1": mark}
    assert found.status == code


def test_a_mutant_fails_no_other_must_but_may_fail_a_should() -> None:
    found = account(CAUGHT, c41=Fault.WRONG, c31=Fault.WRONG, c62=Fault.WRONG, c63=NOT_RUN)
    assert found.marks["3.1"] is Mark.ACCUSED
    assert found.marks["6.2"] is Mark.ADVICE
    assert found.marks["6.3"] is Mark.NOT_RUN
    assert [v.clause.number for _, v in found.errors] == ["3.1"]


def test_a_reference_fails_only_what_it_leaves() -> None:
    found = account(SPARED, c31=PASSED, c62=Fault.WRONG, c63=Fault.WRONG)
    assert found.marks == {"3.1": Mark.PASSED, "6.2": Mark.ADVICE, "6.3": Mark.ACCUSED}
    assert found.status is Status.FAILED


def test_a_reference_that_was_not_judged_by_every_clause_proves_nothing() -> None:
    assert account(SPARED, c31=NOT_RUN).status is Status.NOT_JUDGED


def test_what_could_not_be_checked_at_all() -> None:
    assert Account(SPARED, None, "there is no javac").status is Status.NOT_JUDGED


def test_only_what_company_may_have_caused_is_disputed() -> None:
    late = account(CAUGHT, c41=Fault.LATE, c31=Fault.LATE, c62=Fault.ABSENT, c63=INCONCLUSIVE)
    assert {v.clause.number for v in late.disputed()} == {"3.1", "6.3", "6.2"}
    certain = account(CAUGHT, c41=Fault.LATE, c31=Fault.WRONG, c62=Fault.ABSENT)
    assert certain.disputed() == []
    assert account(SPARED, c62=Fault.LATE).disputed() == []  # it leaves this clause
    assert len(account(SPARED, c62=INCONCLUSIVE).disputed()) == 1  # … to be judged


def test_a_part_has_mutants_of_every_language() -> None:
    mutants = [mutant(f"{lang}{n}", language=lang) for lang in ("java", "python") for n in range(6)]
    mutants.append(mutant("alone", language="c"))
    parts = [Part(number, 4).take(mutants) for number in range(1, 5)]
    for part in parts:
        assert {each.reference.language for each in part} == {"java", "python", "c"}
    assert {each.name for part in parts for each in part} == {each.name for each in mutants}
    assert parts[0] == Part(1, 4).take(mutants)
    assert Part().take(mutants) == mutants


@pytest.mark.parametrize("text", ["", "1", "0/4", "5/4", "a/b", "1/0", "-1/4"])
def test_a_part_that_there_is_not(text: str) -> None:
    with pytest.raises(WrongCall, match="--part wants K/N"):
        Part.read(text)


def test_a_mutant_that_there_is_not() -> None:
    with pytest.raises(WrongCall, match="there is no mutant 'worse'; there are bad"):
        Choice(("worse",)).of(Library([REFERENCE], [mutant()]), load(), 1)


def test_a_must_that_no_mutant_fails_is_an_error() -> None:
    accounts = [account(SPARED, c41=PASSED, c31=PASSED), account(CAUGHT, c41=Fault.WRONG)]
    missing = uncaught(accounts, load())
    assert [clause.number for clause in missing["echo"]] == ["3.1"]
    assert status(accounts, missing, {}) is Status.FAILED
    assert status(accounts, {}, {}) is Status.PASSED


def many(count: int) -> list[Account]:
    """A reference and `count` mutants, judged by every clause of the lab."""
    every: dict[str, Outcome | Fault] = {
        f"c{number.replace('.', '')}": PASSED for number in CLAUSES if "S" not in number
    }
    bad = [mutant(f"mutant-{n}-with-a-name-that-goes-on-and-on-and-on") for n in range(count)]
    return [
        account(SPARED, **every),
        *(account(CheckedMutant(b, "1.1"), **{**every, "c41": Fault.WRONG}) for b in bad),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_the_matrix_fits_a_hundred_columns(encoding: str) -> None:
    raw = io.BytesIO()
    console = Console(file=io.TextIOWrapper(raw, encoding=encoding), width=100)
    report.show(many(40), load(), console, {}, {})
    console.file.flush()
    lines = raw.getvalue().decode(encoding).splitlines()
    assert max(map(len, lines)) <= 100
    assert sum("mutant-7-" in line for line in lines) == 1, "in one table, not in several"


def test_the_header_stands_over_the_marks() -> None:
    console = Console(file=io.StringIO(), width=100)
    bad = account(CAUGHT, c31=PASSED, c310=PASSED, c41=Fault.WRONG, c51=Fault.WRONG)
    report.show([bad], load(), console, {}, {})
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]  # a StringIO
    at = next(n for n, line in enumerate(lines) if line.startswith("bad"))
    start = lines[at].index(".")
    assert [line[start:] for line in lines[at - 3 : at + 1]] == ["3  4 5", "11 1 1", " 0", ".. ✗ #"]


def test_each_error_is_told_with_what_was_seen() -> None:
    console = Console(file=io.StringIO(), width=100)
    report.show([account(CAUGHT, c41=PASSED, c31=Fault.WRONG)], load(), console, {}, {})
    told = console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO
    assert "It survives" in told
    assert "# 3.1 sends_the_line_back_in_upper_case MUST: fails, and should not" in told
    assert "expected this" in told
    assert "o 4.1 hangs_up_after_bye MUST: should fail, and does not" in told


def test_of_what_could_not_be_judged_it_is_not_said_that_it_survives() -> None:
    console = Console(file=io.StringIO(), width=100)
    report.show([account(CAUGHT, c41=Outcome.INCONCLUSIVE, c31=PASSED)], load(), console, {}, {})
    told = console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO
    assert "It was not judged: 4.1, which it should fail, could not be." in told
    assert "It survives" not in told


def stumbling() -> Account:
    open_ = account(SPARED, c31=Outcome.INCONCLUSIVE, c41=PASSED)
    assert open_.run is not None, "it was judged"
    reason = "the lab stumbled at echo.py:57: KeyError: 'x'"
    first, *others = open_.run.verdicts
    verdicts = (first.with_attempt(stumbled=True, reason=reason), *others)
    return replace(open_, run=replace(open_.run, verdicts=verdicts))


def test_a_stumble_and_what_is_in_doubt_are_told_on_their_line_and_once() -> None:
    stumble = "? 3.1 sends_the_line_back_in_upper_case: the lab stumbled at echo.py:57: KeyError"
    first = report.progress(stumbling(), 1, 9, again=False).splitlines()
    assert [line.count(stumble) for line in first] == [0, 1]
    late = account(SPARED, c31=PASSED, c41=Fault.LATE)
    first = report.progress(late, 2, 9, again=False).splitlines()
    assert first[1].strip() == "# 4.1 hangs_up_after_bye: that"
    [again] = report.progress(late, 2, 9, again=True).splitlines()
    assert again.endswith("doubts repeated alone, stays in doubt: 4.1")


def test_it_is_told_which_lab_is_to_be_mended_and_what_was_not_tried() -> None:
    console = Console(file=io.StringIO(), width=100)
    report.show([stumbling()], load(), console, {}, {}, (), {"echo": 7, "presence": 1})
    told = console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO
    assert "echo: the lab itself stumbles: mend the lab first; 7 programs not tried" in told
    assert "presence: 1 program not tried" in told


def test_the_last_line_says_what_the_status_rests_on() -> None:
    accounts = [account(CAUGHT, c41=Fault.WRONG, c31=PASSED)]
    told = {}
    for numbers in ((), ("6.2",), ("3.1", "3.2")):
        missing = {"echo": [CLAUSES[number] for number in numbers]}
        console = Console(file=io.StringIO(), width=100)
        report.show(accounts, load(), console, missing, {})
        last = console.file.getvalue().splitlines()[-1]  # type: ignore[attr-defined]  # a StringIO
        told[last] = status(accounts, missing, {})
    good = "1 mutant: all as they should be"
    assert told == {good: Status.PASSED, f"{good}, no mutant fails 2 MUSTs": Status.FAILED}


def test_json_has_nothing_that_differs_from_run_to_run() -> None:
    text = report.to_json(many(2), load(), {}, {})
    said = json.loads(text)
    assert said["schema"] == "conformance.selfcheck/1"
    [first, _] = said["labs"]["echo"]["mutants"]
    assert first["fails"] == ["4.1"]
    assert first["outcomes"]["4.1"] == "failed"
    assert "seed" not in text
    assert "seconds" not in text


def test_levels_are_those_of_the_contract() -> None:
    assert CLAUSES["6.2"].level is Level.SHOULD
