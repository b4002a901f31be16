"""Parts of a class are put together: with recorded runs, copied to other places."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.classes.grading.division import divide
from conformance.classes.grading.outdated import Terms, what_is_due, what_is_wanted
from conformance.classes.merging.agreement import read_parts_that_fit
from conformance.classes.merging.merge import Merged, Merging
from conformance.classes.model import Class, HandIn, LabPlan, Override, Student, SymptomNote
from conformance.classes.parts import PartOfClass, part_of_each
from conformance.classes.results.class_log import CLASS_FILE
from conformance.classes.results.ledger import Ledger
from conformance.classes.results.record import Record
from conformance.sandbox import Tier
from conformance.verdict.events import judged, run_began, run_ended
from conformance.verdict.model import Attempt, Outcome, Run, Verdict
from conformance.verdict.points import Counting, mark
from kit.desk import Desk
from kit.small_class import CATALOG, CLAUSE

STUDENTS = tuple("abcdefgh")
OF = 3
TERMS = Terms(seed=7)


class Killed(BaseException):
    """What ends a merge without a word."""


class FragileLedger(Ledger):
    """One whose merge is killed when so many runs have been kept."""

    left = 0

    def keep(self, record: Record) -> None:
        if not self.left:
            raise Killed
        self.left -= 1
        super().keep(record)


class Department:
    """A class, and the machines that grade parts of it, each with its own checkout."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = folder / "out"
        self.where = part_of_each(self.checkout("there"), OF)

    def checkout(self, name: str, **texts: str) -> Class:
        place = self.folder / name
        place.mkdir(exist_ok=True)
        for who in STUDENTS:
            (place / f"{who}.py").write_text(texts.get(who, who))
        hand_ins = tuple(HandIn(who, "echo", place / f"{who}.py") for who in STUDENTS)
        return Class(
            "class", tuple(map(Student, STUDENTS)), (LabPlan("echo", possible=3),), hand_ins
        )

    def grade(
        self, number: int, name: str = "", *, graded: Class | None = None, terms: Terms = TERMS,
        outcome: Outcome = Outcome.PASSED, started: str = "2026-12-01T10:00:00+00:00",
        tier: Tier = Tier.FULL, of: int = OF, left_out: str = "",
    ) -> Path:  # fmt: skip
        """Grades a part on a machine of its own. Returns its folder, copied from there."""
        name = name or f"part{number}"
        graded = graded or self.checkout(f"machine{number}")
        ledger = Ledger(self.folder / f"{name}.there")
        divide(ledger, (PartOfClass(of, number),), terms, tier)
        wanted, _ = what_is_wanted(graded, CATALOG, terms, tier)
        ledger.begin(graded, terms.seed, wanted)
        here = {who for who, part in part_of_each(graded, of).items() if part == number}
        for due in what_is_due(graded, ledger, wanted, again=(), labs=(), of=here):
            if due.hand_in.author in left_out:
                continue
            record = ledger.record(due.hand_in, due.fingerprint)
            capture = record.evidence / "3.1-1.pcapng"
            capture.write_text(f"{name} {due.hand_in.author}")
            run = Run("echo", due.hand_in.author, {}, 7, "full", "0", False)
            record.write(run_began(replace(run, started=started)))
            attempt = Attempt(outcome, capture=str(capture), actual="x")
            record.write(judged(mark(Verdict(CLAUSE, CLAUSE.level, attempt), Counting())))
            record.write(run_ended(1.0))
            record.keep()
        shutil.move(ledger.folder, self.folder / name)
        return self.folder / name

    def merge(self, *parts: Path) -> Merged:
        ledger = Ledger(self.out)
        with ledger.grading():
            return Merging(read_parts_that_fit(parts, self.out), ledger).run()

    def merge_until_killed(self, *parts: Path, after: int) -> None:
        ledger = FragileLedger(self.out)
        ledger.left = after
        with ledger.grading(), pytest.raises(Killed):
            Merging(read_parts_that_fit(parts, self.out), ledger).run()

    def outcomes(self) -> Mapping[str, str]:
        """What is on record of each student."""
        ledger = Ledger(self.out)
        found = {}
        for hand_in in ledger.of.hand_ins:
            result = ledger.result(hand_in)
            told = result.run.verdicts[0].outcome.value if result.run else result.told
            found[hand_in.author] = told
        return found

    def those(self, number: int) -> list[str]:
        return [who for who, part in self.where.items() if part == number]


@pytest.fixture
def department(tmp_path: Path) -> Department:
    return Department(tmp_path)


def test_all_parts_are_the_class_with_captures_where_they_are_now(department: Department) -> None:
    parts = [department.grade(number) for number in (1, 2, 3)]
    merged = department.merge(*parts)
    assert (merged.copied, merged.missing) == (len(STUDENTS), [])
    assert set(department.outcomes().values()) == {"passed"}
    for who in STUDENTS:
        lines = (department.out / f"runs/{who}/echo.jsonl").read_text().splitlines()
        [capture] = [event["capture"] for event in map(json.loads, lines) if "capture" in event]
        assert capture == str(department.out / f"evidence/{who}/echo/3.1-1.pcapng")
        assert Path(capture).read_text() == f"part{department.where[who]} {who}"
    kept = {file: file.stat().st_ino for file in department.out.glob("runs/*/*")}
    assert department.merge(*reversed(parts)).copied == 0
    assert {file: file.stat().st_ino for file in department.out.glob("runs/*/*")} == kept


def test_what_a_missing_part_has_is_open_until_it_comes(department: Department) -> None:
    first, second = department.grade(1), department.grade(2)
    assert department.merge(first, second).missing == [PartOfClass(3, 3)]
    assert {department.outcomes()[who] for who in department.those(3)} == {"part 3 of 3 is missing"}
    assert department.merge(department.grade(3)).missing == []
    assert set(department.outcomes().values()) == {"passed"}


@pytest.mark.parametrize("after", [0, 1])
def test_after_a_merge_that_was_killed_it_is_known_which_parts_are_missing(
    department: Department, after: int
) -> None:
    first, second, third = (department.grade(number) for number in (1, 2, 3))
    department.merge_until_killed(first, second, after=after)
    again = department.merge(third)
    assert again.missing == [PartOfClass(3, 1), PartOfClass(3, 2)]
    assert department.merge(first, second).missing == []
    assert set(department.outcomes().values()) == {"passed"}


def test_what_was_merged_before_one_that_was_killed_is_still_there(department: Department) -> None:
    first, second, third = (department.grade(number) for number in (1, 2, 3))
    department.merge(first, second)
    department.merge_until_killed(third, after=1)
    assert department.merge(first).missing == [PartOfClass(3, 3)]
    open_ones = [told for told in department.outcomes().values() if told != "passed"]
    assert open_ones == ["part 3 of 3 is missing"] * (len(department.those(3)) - 1)


def test_a_merge_that_was_killed_at_once_is_no_part_of_another(department: Department) -> None:
    department.merge_until_killed(department.grade(1), after=1)
    department.out.rename(department.folder / "killed")
    assert department.merge(department.folder / "killed").missing == []
    told = sorted(department.outcomes().values())
    none = "it is in none of the parts that were merged"
    assert told == sorted([none] * (len(STUDENTS) - 1) + ["passed"])


def test_of_one_part_twice_the_settled_run_counts_then_the_later(department: Department) -> None:
    early = department.grade(1, "early", outcome=Outcome.FAILED)
    late = department.grade(1, "late", started="2026-12-01T11:00:00+00:00")
    unsure = department.grade(
        1, "open", outcome=Outcome.INCONCLUSIVE, started="2026-12-01T12:00:00+00:00"
    )
    for parts, outcome in (
        ((unsure, early), "failed"),
        ((early, late, unsure), "passed"),
        ((unsure,), "passed"),
        ((early,), "passed"),
    ):
        department.merge(*parts)
        assert {department.outcomes()[who] for who in department.those(1)} == {outcome}


def test_what_is_settled_takes_the_place_of_what_was_open(department: Department) -> None:
    unsure = department.grade(
        1, "open", outcome=Outcome.INCONCLUSIVE, started="2026-12-01T12:00:00+00:00"
    )
    department.merge(unsure)
    assert {department.outcomes()[who] for who in department.those(1)} == {"inconclusive"}
    department.merge(department.grade(1, "sure"))
    assert {department.outcomes()[who] for who in department.those(1)} == {"passed"}


def test_overlapping_parts_of_other_numbers_count_once(department: Department) -> None:
    parts = [department.grade(1), department.grade(2, "half", of=2), department.grade(1, "h", of=2)]
    assert department.merge(*parts).copied == len(STUDENTS)


@pytest.mark.parametrize("cut", [0, 1, 2, 3, 4])
def test_a_run_that_is_damaged_or_half_written_is_open(department: Department, cut: int) -> None:
    part = department.grade(1)
    who, *others = department.those(1)
    file = part / f"runs/{who}/echo.jsonl"
    lines = file.read_text().splitlines(keepends=True)
    text = "".join(lines[:cut])[:-9] if cut < 4 else "no event\n" + lines[1]
    file.write_text(text)
    department.merge(part)
    assert department.outcomes()[who] == "its run is damaged in part 1 of 3"
    assert {department.outcomes()[other] for other in others} <= {"passed"}
    department.merge(department.grade(1, "again"))
    assert department.outcomes()[who] == "passed"


@pytest.mark.parametrize("parts", [1, 2])
@pytest.mark.parametrize("cut", [0, 1, 2, 3])
def test_a_run_that_was_damaged_here_is_copied_again(
    department: Department, cut: int, parts: int
) -> None:
    part = department.grade(1)
    department.merge(part)
    who = department.those(1)[0]
    file = department.out / f"runs/{who}/echo.jsonl"
    text = file.read_text()
    file.write_text("".join(text.splitlines(keepends=True)[:cut]))
    assert department.outcomes()[who] != "passed"
    others = [department.grade(1, "other", outcome=Outcome.INCONCLUSIVE)][: parts - 1]
    assert department.merge(part, *others).copied == 1
    assert department.outcomes()[who] == "passed"
    assert file.read_text() == text
    assert department.merge(part, *others).copied == 0


def test_a_part_that_was_killed_leaves_open_what_it_had_not_graded(department: Department) -> None:
    who = department.those(2)[0]
    part = department.grade(2, left_out=who)
    (part / f"runs/{who}").mkdir()
    (part / f"runs/{who}/echo.part").write_text('{"event":"hand-in"')
    department.merge(part)
    assert department.outcomes()[who] == "part 2 of 3 ended before it was graded"
    assert not list(department.out.glob("runs/*/*.part"))


def test_a_run_of_somebody_else_does_not_count(department: Department) -> None:
    part = department.grade(1)
    one, other = department.those(1)[:2]
    text = (part / f"runs/{other}/echo.jsonl").read_text()
    own = json.loads((part / f"runs/{one}/echo.jsonl").read_text().splitlines()[0])
    fake = {**json.loads(text.splitlines()[0]), "fingerprint": own["fingerprint"]}
    lines = [json.dumps(fake), *text.splitlines()[1:]]
    (part / f"runs/{one}/echo.jsonl").write_text("\n".join([*lines, ""]))
    department.merge(part)
    assert department.outcomes()[one] == "its run is damaged in part 1 of 3"


def test_corrections_and_notes_come_along_the_latest_counts(department: Department) -> None:
    part = department.grade(1)
    who = department.those(1)[0]
    of_part = Ledger(part)
    of_part.correct(Override(who, "echo", "3.1", 1, "first", "2026-12-01T10:00:00+00:00"))
    of_part.note(SymptomNote("echo", "no flush", "slide 14", "2026-12-01T10:00:00+00:00"))
    department.merge(part)
    merged = Ledger(department.out)
    assert [each.because for each in merged.overrides] == ["first"]
    assert [note.text for note in merged.notes.values()] == ["slide 14"]
    merged.correct(Override(who, "echo", "3.1", 2, "second", "2026-12-01T11:00:00+00:00"))
    department.merge(part)
    assert [each.because for each in Ledger(department.out).overrides] == ["second"]
    of_part.withdraw(of_part.overrides[0], "no", "2026-12-01T12:00:00+00:00")
    department.merge(part)
    assert Ledger(department.out).overrides == []
    size = (department.out / CLASS_FILE).stat().st_size
    department.merge(part)
    assert (department.out / CLASS_FILE).stat().st_size == size, "nothing is recorded twice"


def test_the_class_stands_where_this_machine_has_it(department: Department) -> None:
    first, second = department.grade(1), department.grade(2)
    shutil.rmtree(department.folder / "machine1")
    department.merge(first, second)
    places = {h.path.parent.name for h in Ledger(department.out).of.hand_ins if h.path}
    assert places == {"machine2"}


REFUSED: Mapping[str, tuple[Callable[[Department], Path], str]] = {
    "labs": (
        lambda of: of.grade(2, graded=replace(of.checkout("x"), labs=(LabPlan("echo"),))),
        "of different classes, or of different states of one; what differs: the labs, or how",
    ),
    "hand-ins": (
        lambda of: of.grade(2, graded=of.checkout("x", c="another text")),
        "are of different hand-ins: c echo",
    ),
    "seed": (lambda of: of.grade(2, terms=Terms(seed=8)), "were graded with different seeds"),
    "tier": (
        lambda of: of.grade(2, tier=Tier.NETWORK),
        "were not judged alike: they differ by the tier (full and network)",
    ),
    "budget": (lambda of: of.grade(2, terms=Terms(7, budget=9)), "--budget (600 and 9)"),
    "no ledger": (lambda of: of.folder / "there", "holds no graded class"),
    "no folder": (lambda of: of.folder / "nowhere", "there is no folder"),
    "itself": (lambda of: of.out, "is one of the parts"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_parts_that_do_not_fit_are_refused_in_a_sentence(
    desk: Desk, tmp_path: Path, what: str
) -> None:
    department = Department(tmp_path)
    other, sentence = REFUSED[what]
    refused = desk.call("merge", department.grade(1), other(department), "--out", department.out)
    assert (refused.status, refused.stdout) == (2, "")
    assert sentence in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert not department.out.exists()


def test_a_folder_of_another_class_is_not_merged_into(desk: Desk, tmp_path: Path) -> None:
    department = Department(tmp_path)
    zoe = HandIn("zoe", "echo", tmp_path / "zoe.py")
    Ledger(department.out).begin(Class("other", (Student("zoe"),), (), (zoe,)), 7, {})
    refused = desk.call("merge", department.grade(1), "--out", department.out)
    assert refused.status == 2
    assert "holds another class, 'other'" in refused.stderr
