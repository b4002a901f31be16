"""Reports on a whole class are the same from outlines, and a class is read once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from conformance.classes.model import Class, Override, Result
from conformance.classes.results import ledger as of_ledger
from conformance.classes.results.grades import grades
from conformance.classes.results.outlines import Outlines
from conformance.classes.results.record import read_run
from conformance.reports.classes import grades_csv
from conformance.reports.pages.class_page import Examples, class_page
from conformance.verdict.model import Outcome, Run
from kit.large_class import large_class
from kit.sample_class import CLASS, RESULTS
from kit.small_class import SmallClass

LARGE = large_class(40, 12, ("echo", "presence"))


@pytest.mark.parametrize(("graded", "results"), [LARGE, (CLASS, RESULTS)], ids=["large", "small"])
def test_reports_on_the_class_are_the_same(
    graded: Class, results: Sequence[Result], tmp_path: Path
) -> None:
    outlines, examples = Outlines(), Examples()
    light = [outlines.of(result) for result in results]
    for result in results:
        examples.see(result)
    marks = grades(graded, results)
    assert grades(graded, light) == marks
    assert class_page(graded, light, marks, {}, examples=examples) == class_page(
        graded, results, marks, {}
    )
    grades_csv.write(graded, grades(graded, light), tmp_path / "light.csv")
    grades_csv.write(graded, marks, tmp_path / "whole.csv")
    assert (tmp_path / "light.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_what_passed_is_kept_once() -> None:
    outlines = Outlines()
    runs = [run for result in LARGE[1] if (run := outlines.of(result).run) is not None]
    passed = [v for run in runs for v in run.verdicts if v.outcome is Outcome.PASSED]
    assert len({id(verdict) for verdict in passed}) == len(set(passed))
    clauses = [verdict.clause for run in runs for verdict in run.verdicts]
    assert len({id(clause) for clause in clauses}) == len(set(clauses))


def test_a_run_is_read_again_only_when_something_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = SmallClass(tmp_path)
    small.hold()
    hand_in, ledger = small.graded.hand_ins[0], small.ledger
    read: list[Path] = []
    really = read_run

    def noted(file: Path) -> tuple[str, Run]:
        read.append(file)
        return really(file)

    monkeypatch.setattr(of_ledger, "read_run", noted)
    first = ledger.outline(hand_in)
    assert ledger.outline(hand_in) is first
    assert len(read) == 1
    ledger.correct(Override("ann", "echo", "3.1", 1, "late", "2026-12-01", ledger.work(hand_in)))
    corrected = ledger.outline(hand_in)
    assert corrected.run is not None
    assert corrected.run.verdicts[0].points == 1
    ledger.file(hand_in).unlink()
    assert ledger.outline(hand_in).run is None
