"""Which run counts, what a correction corrects, and what a killed or cut off writer leaves."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.classes.model import TOTAL, Class, HandIn, LabPlan, Override, Student, Total
from conformance.classes.results.class_log import CLASS_FILE, SCHEMA
from conformance.classes.results.ledger import Ledger
from conformance.classes.results.record import Damaged, Record
from conformance.verdict.events import judged, run_began, run_ended
from conformance.verdict.model import Attempt, Clause, Level, Outcome, Run, Verdict, WrongCall
from conformance.verdict.points import Counting, mark

RUN = Run("echo", "ann", {}, 7, "full", "0", False)
CLAUSE = Clause("3.1", Level.MUST, 3, "echoes", "It echoes.", "", "Replies")
KEY = ("ann", "echo")


def verdict(outcome: Outcome = Outcome.FAILED, capture: str = "") -> Verdict:
    return mark(Verdict(CLAUSE, CLAUSE.level, Attempt(outcome, capture=capture)), Counting())


def a_class(*hand_ins: HandIn, title: str = "class") -> Class:
    students = tuple(Student(hand_in.author) for hand_in in hand_ins)
    return Class(title, students, (LabPlan("echo"),), hand_ins)


@pytest.fixture
def anns(tmp_path: Path) -> HandIn:
    return HandIn("ann", "echo", tmp_path / "class" / "ann.py")


@pytest.fixture
def ledger(tmp_path: Path, anns: HandIn) -> Ledger:
    """Ann's work `w` was judged as `w-1`, and lost its points."""
    ledger = Ledger(tmp_path / "out")
    ledger.begin(a_class(anns), 7, {KEY: "w-1"})
    write(ledger, anns, "w-1").keep()
    return ledger


def write(ledger: Ledger, hand_in: HandIn, fingerprint: str) -> Record:
    """A whole run that is not kept yet, with a capture."""
    record = ledger.record(hand_in, fingerprint)
    capture = record.evidence / "3.1.pcap"
    capture.write_text(fingerprint)
    record.write(run_began(RUN))
    record.write(judged(verdict(capture=str(capture))))
    record.write(run_ended(1.0))
    return record


def correction(points: int, work: str = "") -> Override:
    return Override(*KEY, "3.1", points, "because", "2026-11-22T10:00:00+00:00", work)


def points(ledger: Ledger, hand_in: HandIn) -> int | None:
    run = ledger.result(hand_in).run
    return run.verdicts[0].points if run else None


def test_a_run_of_what_is_wanted_counts(ledger: Ledger, anns: HandIn) -> None:
    assert points(ledger, anns) == 0
    assert ledger.is_current(anns)


@pytest.mark.parametrize("wanted", ["x-2", "w-2", ""])
def test_a_run_of_other_work_is_nobodys_result(ledger: Ledger, anns: HandIn, wanted: str) -> None:
    ledger.begin(a_class(anns), 7, {KEY: wanted})
    for told in (ledger, Ledger(ledger.folder)):
        result = told.result(anns)
        assert (result.run, result.blame) == (None, "suite")
        assert not told.is_current(anns)


def test_a_problem_weighs_more_than_a_former_run(ledger: Ledger, anns: HandIn) -> None:
    result = ledger.result(replace(anns, problem="2 entries"))
    assert (result.run, result.trouble, result.blame) == (None, "2 entries", "suite")


def test_an_entry_that_is_gone_is_nothing_handed_in(ledger: Ledger, anns: HandIn) -> None:
    result = ledger.result(replace(anns, path=None))
    assert (result.run, result.trouble, result.blame) == (None, "nothing handed in", "student")


def test_killed_as_the_class_begins_no_former_run_counts(ledger: Ledger, anns: HandIn) -> None:
    file = ledger.folder / "class.jsonl"
    before = len(file.read_bytes().splitlines())
    ledger.begin(a_class(replace(anns, path=anns.path and anns.path / "new")), 7, {KEY: "x-1"})
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[: before + 1]) + lines[before + 1][:9])
    assert Ledger(ledger.folder).result(anns).run is None


def test_a_trouble_is_of_the_work_it_befell(ledger: Ledger, anns: HandIn) -> None:
    ledger.begin(a_class(anns), 7, {KEY: "x-1"})
    ledger.trouble(anns, "its process ended early")
    assert ledger.result(anns).trouble == "its process ended early"
    ledger.begin(a_class(anns), 7, {KEY: "y-1"})
    assert ledger.result(anns).trouble == "not graded yet"


def test_what_could_not_be_started_is_known_as_that(ledger: Ledger, anns: HandIn) -> None:
    """Also of a later call; an older suite did not say what its trouble was."""
    ledger.begin(a_class(anns), 7, {KEY: "y-1"})
    ledger.trouble(anns, "ann.rar: no", refused=True)
    for each in (ledger, Ledger(ledger.folder)):
        result = each.result(anns)
        assert (result.refused, result.blame) == (True, "suite")
        assert result.told == "could not be started: ann.rar: no"
    older = '{"event": "trouble", "author": "ann", "lab": "echo", "text": "a full disk"}\n'
    with (ledger.folder / CLASS_FILE).open("a") as file:
        file.write(older)
    result = Ledger(ledger.folder).result(anns)
    assert (result.refused, result.told) == (False, "a full disk")


def test_who_is_missing_is_open(ledger: Ledger) -> None:
    missing = HandIn("ann", "echo", None, problem="an entry has no owner", missing=True)
    result = ledger.result(missing)
    assert (result.trouble, result.blame) == ("an entry has no owner", "suite")


def test_a_correction_by_another_process_is_heard(ledger: Ledger, anns: HandIn) -> None:
    Ledger(ledger.folder).correct(correction(2))
    with ledger.rendering():
        assert points(ledger, anns) == 2


def test_what_another_has_taken_down_is_heard_before_a_word_of_ours(
    ledger: Ledger, anns: HandIn
) -> None:
    Ledger(ledger.folder).correct(correction(2))
    ledger.trouble(anns, "something")
    assert points(ledger, anns) == 2


def test_a_correction_is_of_the_work_that_it_was_given_to(ledger: Ledger, anns: HandIn) -> None:
    ledger.correct(correction(2, ledger.work(anns)))
    assert points(ledger, anns) == 2
    ledger.begin(a_class(anns), 7, {KEY: "w-2"})
    write(ledger, anns, "w-2").keep()
    assert points(ledger, anns) == 2, "judged otherwise, it is the same work"
    ledger.begin(a_class(anns), 7, {KEY: "x-2"})
    write(ledger, anns, "x-2").keep()
    result = ledger.result(anns)
    assert result.run is not None
    assert points(ledger, anns) == 0
    assert result.overrides == ()
    assert "given to an earlier hand-in" in result.run.notes[-1]
    assert [override.clause for override in ledger.outdated_corrections(anns)] == ["3.1"]


# -- a lab's total, and what is taken back --------------------------------------------


def total(points: int, work: str = "") -> Override:
    return replace(correction(points, work), clause=TOTAL)


def test_a_total_is_in_force_beside_corrections_of_clauses(ledger: Ledger, anns: HandIn) -> None:
    ledger.correct(total(1))
    ledger.correct(correction(2))
    ledger.correct(total(3))
    for told in (ledger, Ledger(ledger.folder)):
        result = told.result(anns)
        assert result.total == Total(3, 3, "because")
        assert points(told, anns) == 2
        assert sorted(each.of for each in result.overrides) == ["clause 3.1", "the total"]


def test_a_total_is_of_the_work_that_it_was_given_to(ledger: Ledger, anns: HandIn) -> None:
    ledger.correct(total(2, ledger.work(anns)))
    ledger.begin(a_class(anns), 7, {KEY: "x-2"})
    write(ledger, anns, "x-2").keep()
    result = ledger.result(anns)
    assert result.total is None
    assert result.run is not None
    assert "of the total was left out: it was given to an earlier" in result.run.notes[-1]


def test_a_total_that_no_longer_fits_is_left_out_and_told(ledger: Ledger, anns: HandIn) -> None:
    ledger.correct(total(4))
    result = ledger.result(anns)
    assert (result.total, len(result.overrides)) == (None, 1)
    assert result.run is not None
    assert "echo is worth from 0 to 3 points, not 4" in result.run.notes[-1]


@pytest.mark.parametrize("changes", [{"path": None}, {"problem": "two entries"}])
def test_a_total_without_a_run_is_of_what_the_lab_is_worth_until_something_comes(
    ledger: Ledger, anns: HandIn, changes: dict[str, str | None]
) -> None:
    absent = replace(anns, **changes)  # type: ignore[arg-type]
    ledger.begin(replace(a_class(absent), labs=(LabPlan("echo", possible=9),)), 7, {KEY: ""})
    assert ledger.worth(absent) == 9
    ledger.correct(total(5, ledger.work(absent)))
    result = Ledger(ledger.folder).result(absent)
    assert (result.run, result.total) == (None, Total(5, 9, "because"))
    ledger.correct(total(10, ledger.work(absent)))
    assert ledger.result(absent).total is None
    assert "echo is worth from 0 to 9 points, not 10" in ledger.result(absent).trouble
    ledger.begin(a_class(anns), 7, {KEY: "x-1"})
    write(ledger, anns, "x-1").keep()
    assert ledger.result(anns).total is None
    assert [override.of for override in ledger.outdated_corrections(anns)] == ["the total"]


@pytest.mark.parametrize("given", [correction(2), total(2)])
def test_what_is_withdrawn_counts_no_longer_and_stays_on_record(
    ledger: Ledger, anns: HandIn, given: Override
) -> None:
    other = total(1) if given.clause else correction(1)
    for override in (given, other):
        ledger.correct(override)
    before = (ledger.folder / "class.jsonl").read_bytes()
    ledger.withdraw(given, "a slip", "2026-11-22T11:00:00+00:00")
    for told in (ledger, Ledger(ledger.folder)):
        assert told.given(anns) == [other]
        assert told.result(anns).overrides == (other,)
    after = (ledger.folder / "class.jsonl").read_bytes()
    assert after.startswith(before)
    assert b"a slip" in after.removeprefix(before)
    ledger.correct(given)
    assert given in Ledger(ledger.folder).given(anns)


def test_corrections_of_an_older_suite_are_read(ledger: Ledger, anns: HandIn) -> None:
    """It knew neither of the work that is corrected, nor of totals."""
    line = (
        b'{"event":"override","student":"ann","lab":"echo","clause":"3.1","points":2,'
        b'"because":"x","at":"2026-11-22T10:00:00+00:00"}\n'
    )
    with (ledger.folder / "class.jsonl").open("ab") as file:
        file.write(line)
    assert points(Ledger(ledger.folder), anns) == 2


def test_a_damaged_run_is_open_and_named(ledger: Ledger, anns: HandIn) -> None:
    file = ledger.file(anns)
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join([lines[0], lines[1][:40] + "\n", *lines[2:]]))
    result = ledger.result(anns)
    assert (result.run, result.blame) == (None, "suite")
    assert str(file) in result.trouble
    assert ledger.run(anns) is None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"event": "class", "schema": "conformance.class/99"}', "this suite reads"),
        ('{"event": "wanted", "of": 7}', "class.jsonl cannot be read"),
        ('no JSON\n{"event": "wanted", "of": []}', "class.jsonl cannot be read"),
    ],
)
def test_a_class_of_another_form_is_refused(line: str, said: str, tmp_path: Path) -> None:
    (tmp_path / CLASS_FILE).write_text(f"{line}\n")
    with pytest.raises(WrongCall, match=said):
        Ledger(tmp_path)


def test_a_class_that_lacks_a_part_is_damaged(tmp_path: Path) -> None:
    event = {"event": "class", "schema": SCHEMA, "seed": 1, "class": {"title": "Networks"}}
    (tmp_path / CLASS_FILE).write_text(f"{json.dumps(event)}\n")
    with pytest.raises(WrongCall, match="is damaged"):
        _ = Ledger(tmp_path).of


def test_a_run_without_its_end_is_not_kept(ledger: Ledger, anns: HandIn) -> None:
    record = ledger.record(anns, "w-1")
    record.write(run_began(RUN))
    with pytest.raises(Damaged, match="does not hold the whole run"):
        record.keep()
    record.drop()
    assert points(ledger, anns) == 0, "the former one"


def test_a_run_that_is_no_file_is_open(ledger: Ledger, anns: HandIn) -> None:
    file = ledger.file(anns)
    file.unlink()
    file.mkdir()
    assert "cannot be read: Is a directory" in ledger.result(anns).trouble


def test_a_run_that_cannot_be_read_again_is_not_kept(ledger: Ledger, anns: HandIn) -> None:
    record = ledger.record(anns, "w-1")
    record.write(run_began(RUN))
    record.write({"event": "verdict", "clause": "3.1"})
    record.write(run_ended(1.0))
    with pytest.raises(Damaged):
        record.keep()
    record.drop()
    assert points(ledger, anns) == 0, "the former one"


class _TakesLittle:
    """A disk that takes a few bytes at a time."""

    def __init__(self, file: object) -> None:
        self._file = file

    def write(self, data: bytes) -> int:
        return int(self._file.write(data[:7]))  # type: ignore[attr-defined]

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)


def test_a_line_is_written_to_its_end(
    ledger: Ledger, anns: HandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    unbuffered = Path.open
    monkeypatch.setattr(
        Path,
        "open",
        lambda self, *a, **k: (
            _TakesLittle(unbuffered(self, *a, **k))
            if k.get("buffering") == 0
            else unbuffered(self, *a, **k)
        ),
    )
    write(ledger, anns, "w-1").keep()
    assert points(ledger, anns) == 0


def test_evidence_goes_with_its_run(ledger: Ledger, anns: HandIn) -> None:
    kept = ledger.folder / "evidence" / "ann" / "echo" / "3.1.pcap"
    ledger.begin(a_class(anns), 7, {KEY: "w-2"})
    record = write(ledger, anns, "w-2")
    assert kept.read_text() == "w-1", "the former run still counts"
    record.keep()
    assert kept.read_text() == "w-2"
    run = ledger.run(anns)
    assert run is not None
    assert run.verdicts[0].attempt.capture == str(kept)
    assert [path.name for path in kept.parent.parent.iterdir()] == ["echo"]
    write(ledger, anns, "w-3").drop()
    assert kept.read_text() == "w-2"


def test_no_evidence_leaves_no_folder(ledger: Ledger, anns: HandIn) -> None:
    record = ledger.record(anns, "w-1")
    record.write(run_began(RUN))
    record.write(run_ended(1.0))
    record.keep()
    assert list((ledger.folder / "evidence").iterdir()) == []


def test_what_a_killed_grader_left_is_swept(ledger: Ledger, anns: HandIn) -> None:
    killed = write(ledger, replace(anns, author="gone"), "w-1")
    ledger.sweep()
    killed.drop()
    left = [path.name for path in ledger.folder.glob("*/*/*")]
    assert sorted(left) == ["echo", "echo.jsonl"]


def test_a_seed_of_zero_is_one(tmp_path: Path, anns: HandIn) -> None:
    ledger = Ledger(tmp_path / "out")
    assert ledger.seed is None
    ledger.begin(a_class(anns), 0, {})
    assert Ledger(tmp_path / "out").seed == 0


@pytest.mark.parametrize(
    ("author", "folder", "title", "same"),
    [
        ("ann", "elsewhere", "another", True),
        ("zoe", "class", "class", True),
        ("zoe", "class", "another", False),
        ("zoe", "elsewhere", "class", False),
    ],
)
def test_another_class_is_refused(
    ledger: Ledger, tmp_path: Path, author: str, folder: str, title: str, same: bool
) -> None:
    other = a_class(HandIn(author, "echo", tmp_path / folder / "x.py"), title=title)
    if same:
        ledger.require_same(other)
        return
    with pytest.raises(WrongCall, match="holds another class"):
        ledger.require_same(other)
