"""What is printed of a submission that is checked again and again."""

from __future__ import annotations

import io
from dataclasses import replace

from rich.cells import cell_len
from rich.console import Console

from conformance.reports.run.watching import WatchReporter
from conformance.verdict.model import Outcome, Run, Verdict
from kit.runs import (
    ALICE,
    AT_ONCE,
    BEHIND_A_DOUBT,
    BEHIND_A_FAULT,
    BYE_IN_LOWER_CASE,
    HANGS_UP,
    HOSTILE,
    LISTENS,
    TWENTY,
    UPPER_CASE,
    alone,
    not_shown,
    passed,
)

WIDTH = 60


class Seen:
    """A reporter, and what it has printed since it was asked last."""

    def __init__(self) -> None:
        self.file = io.StringIO()
        self.reporter = WatchReporter(Console(file=self.file, width=WIDTH))

    def of(self, run: Run, *, whole: bool = True) -> str:
        self.reporter.began(run)
        for verdict in run.verdicts:
            self.reporter.judged(verdict)
        if whole:
            self.reporter.ended(run)
        return self.said()

    def said(self) -> str:
        text = self.file.getvalue()
        self.file.seek(0)
        self.file.truncate()
        return text


def of(*verdicts: Verdict) -> Run:
    return replace(ALICE, notes=(), verdicts=verdicts)


ALL_PASS = of(passed(LISTENS), passed(UPPER_CASE), passed(AT_ONCE), passed(HANGS_UP))


def test_the_first_check_names_what_fails_and_explains_the_first() -> None:
    seen = Seen()
    said = seen.of(of(passed(LISTENS), passed(UPPER_CASE), BYE_IN_LOWER_CASE))
    assert said.startswith(
        "echo · alice\n✗ 4.1 fails: hangs up after bye\n\n4.1 hangs up after bye\n"
    )
    assert "  expected  > BYE⏎\n" in said
    assert said.endswith("\n4 of 7 points · failed: 4.1 · 6.8 s\n")
    assert seen.reporter.failing == ["4.1"]
    assert len(said.splitlines()) < 40
    sentences = [line for line in said.splitlines() if "conformance check" not in line]
    assert max(map(cell_len, sentences)) <= WIDTH


def test_then_only_what_is_different() -> None:
    seen = Seen()
    faulty = of(passed(LISTENS), passed(UPPER_CASE), BYE_IN_LOWER_CASE)
    seen.of(faulty)
    again = seen.of(faulty)
    assert again.startswith("\n4.1 hangs up after bye\n\n  expected  > BYE⏎\n")
    assert "  see it yourself  " in again
    assert "conversation" not in again  # nor the rest of what was printed last
    assert again.endswith("\n4 of 7 points · failed: 4.1 · 6.8 s\n")
    mended = "✓ 4.1 passes now: hangs up after bye\n"
    good = "9 of 9 points · all that was checked passes · 6.8 s\n"
    assert seen.of(ALL_PASS) == mended + good
    assert seen.reporter.failing == []
    broken = seen.of(faulty)
    assert broken.startswith("✗ 4.1 fails now: hangs up after bye\n")
    assert "  expected  > BYE⏎\n" in broken
    assert "conversation" not in broken  # it was explained last, and nothing else since


def test_another_fault_is_explained_again() -> None:
    seen = Seen()
    seen.of(alone(BYE_IN_LOWER_CASE))
    said = seen.of(alone(BYE_IN_LOWER_CASE.with_attempt(actual="nothing within 5 s")))
    assert "  actual    nothing within 5 s\n" in said
    assert "fails" not in said


def test_what_is_not_shown_is_counted() -> None:
    seen = Seen()
    seen.of(ALL_PASS)
    fault = replace(BYE_IN_LOWER_CASE, clause=LISTENS)
    behind = [not_shown(each, "1.1") for each in (UPPER_CASE, AT_ONCE, HANGS_UP)]
    said = seen.of(of(fault, *behind))
    assert "✗ 1.1 fails now: listens\n3 clauses are not shown now\n" in said
    assert "· not shown: 3.1, 3.2, 4.1 ·" in said
    said = seen.of(ALL_PASS)
    assert said.startswith("✓ 1.1 passes now: listens\n3 clauses that were not shown pass now\n")
    seen.of(BEHIND_A_FAULT)
    assert "4.1" not in seen.reporter.failing  # the call leaves it out


def test_of_many_only_the_number() -> None:
    many = [not_shown(replace(TWENTY, number=f"5.{number}"), "1.1") for number in range(12)]
    assert "· 12 not shown ·" in Seen().of(of(BYE_IN_LOWER_CASE, *many))


def test_why_nothing_could_be_judged() -> None:
    seen = Seen()
    said = seen.of(BEHIND_A_DOUBT)
    assert said.startswith("echo · alice\n? 1.1 could not be judged: listens\n")
    assert "with --fetch-dependencies" in said
    assert "· open: 1.1, 3.1, 4.1 ·" in " ".join(said.split())
    assert seen.reporter.failing == ["1.1", "3.1", "4.1"]


def test_what_a_change_has_cut_short_is_not_said_twice() -> None:
    seen = Seen()
    seen.of(alone(BYE_IN_LOWER_CASE))
    assert "passes now" in seen.of(alone(passed(HANGS_UP)), whole=False)
    assert "passes now" not in seen.of(alone(passed(HANGS_UP)))


def test_advice_is_told_as_such_and_explained_last() -> None:
    advice = ALICE.verdicts[1]
    said = Seen().of(of(advice, BYE_IN_LOWER_CASE))
    assert "! 1.2 fails (advice): reachable from other hosts\n" in said
    assert "\n4.1 hangs up after bye\n" in said
    assert "\n1.2 " not in said
    assert "· failed: 4.1 · advice: 1.2 ·" in said


def test_names_of_files_are_a_strangers_text() -> None:
    seen = Seen()
    seen.reporter.changed([HOSTILE], "10:00:00")
    said = seen.said()
    assert "\x1b" not in said
    assert said.startswith("\n10:00:00 · changed: ")
    assert len(said.splitlines()) == 2
    seen.reporter.changed(["a", "b", "c", "d", "e"], "10:00:00")
    assert seen.said() == "\n10:00:00 · changed: a, b, c and 2 others\n"


def test_doubt_is_no_pass() -> None:
    seen = Seen()
    seen.of(ALL_PASS)
    doubt = BYE_IN_LOWER_CASE.with_attempt(outcome=Outcome.INCONCLUSIVE)
    assert "? 4.1 could not be judged: hangs up after bye\n" in seen.of(alone(doubt), whole=False)
