"""What a run rests on is recorded by its parts."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.classes.results.basis import Basis, basis_in, basis_of, work_of_request
from conformance.classes.results.fingerprint import lab_digest, work_digest, work_of
from conformance.run.machine import this_machine
from conformance.run.plan import Request
from conformance.verdict.events import Event, from_lines, replay, run_began, to_line
from kit.runs import ALICE
from kit.small_class import CATALOG, SmallClass

BEGAN = run_began(replace(ALICE, language="python"))


def of(request: Request, began: Event = BEGAN) -> Basis:
    return basis_of(request, CATALOG, began, work_of_request(request))


def test_the_work_is_that_of_the_fingerprint(tmp_path: Path) -> None:
    small = SmallClass(tmp_path)
    due = small.due()[0]
    assert of(Request(due.hand_in.path)).work == work_of(due.fingerprint)


def test_the_same_work_under_another_name_is_known_by_its_name(tmp_path: Path) -> None:
    for name in ("ann.py", "ann (1).py"):
        (tmp_path / name).write_text("1")
    there = work_digest(tmp_path / "ann.py")
    assert work_digest(tmp_path / "ann (1).py") != there
    assert work_digest(tmp_path / "ann (1).py", "ann.py") == there


def test_a_folder_has_its_own_name_from_within(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ann" / "src").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "ann" / "src")
    named = [of(Request(Path(path))) for path in ("..", tmp_path / "ann", "../../ann")]
    assert {(each.name, each.work) for each in named} == {("ann", work_digest(tmp_path / "ann"))}


def test_it_survives_its_event_and_is_no_part_of_the_run(tmp_path: Path) -> None:
    (tmp_path / "ann.py").write_text("1")
    basis = of(Request(tmp_path / "ann.py", settings={"port": "2424"}, seed=7, stretch=2.0))
    events = [*from_lines([to_line(BEGAN), to_line(basis.event)])]
    assert basis_in(events) == basis
    assert replay(events) == replay([BEGAN])
    assert basis.settings["settings"] == {"port": "2424"}
    assert basis.machine["tier"] == "full"
    assert basis.machine["deadlines stretched"] == "2 times"
    assert basis.is_known


def test_a_run_of_an_older_suite_knows_nothing_of_it() -> None:
    assert not basis_in([BEGAN]).is_known


def test_another_file_of_the_lab_is_another_lab(tmp_path: Path) -> None:
    copied = shutil.copytree(Path(CATALOG["echo"].file).parent, tmp_path / "echo")
    before = lab_digest(copied / "echo.py")
    assert before == of(Request(lab="echo")).lab
    (copied / "echo.md").write_text("another")
    assert lab_digest(copied / "echo.py") != before


@pytest.mark.parametrize("path", [None, Path("/nowhere/at/all")])
def test_what_cannot_be_read_is_not_known_and_no_error(path: Path | None) -> None:
    assert of(Request(path)).work == ""


def test_the_machine_is_told_with_what_runs_the_language() -> None:
    told = this_machine("python")
    assert told["kernel"]
    assert told["python"].startswith("3.")
    assert "python" not in this_machine("cobol")
