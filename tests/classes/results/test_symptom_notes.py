"""What a teacher notes on a symptom reaches everybody whose program shows it, and nobody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.classes.feedback import Rules
from conformance.classes.model import HandIn, Reveal, SymptomNote
from conformance.classes.model import Result as Judged
from conformance.classes.results.symptoms import notes_on, symptoms_in, symptoms_of
from conformance.cli import main
from conformance.reports.classes.reveal import revealed, seen_run
from conformance.verdict.model import BUILDS, Common, Outcome
from conformance.verdict.symptoms import Sign, Symptom, Thrown
from conformance.verdict.violation import Kind
from golden.rendering import copied_results
from kit.runs import ALICE, AT_ONCE, BYE_IN_LOWER_CASE, LISTENS, UPPER_CASE, not_shown, passed

SYMPTOM = "3.1 another text"
TEXT = "The handout says it in section 3."
NOW = datetime(2026, 11, 30, tzinfo=UTC)
NO_FLUSH = Common("no flush", "It answers only when the client has ended.", ("3.1", "3.2"))


def note(*words: object) -> Result:
    return CliRunner().invoke(main, ["note", *map(str, words)])


def readers(results: Path, text: str = TEXT) -> set[str]:
    """The students whose page holds the text."""
    return {p.stem for p in results.glob("students/*.txt") if text in p.read_text("utf-8")}


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return copied_results(tmp_path)


def test_it_stands_on_the_pages_of_those_who_share_the_symptom(results: Path) -> None:
    done = note(results, SYMPTOM, TEXT)
    assert done.exit_code == 0, done.output
    assert "on the pages of 1 student" in done.output
    assert readers(results) == {"bob"}
    assert f"Your teacher on 3.1: {TEXT}" in (results / "students/bob.txt").read_text("utf-8")
    assert CliRunner().invoke(main, ["report", str(results)]).exit_code == 3
    assert readers(results) == {"bob"}, "it outlives a rendering"


def test_the_last_note_counts_until_it_is_withdrawn(results: Path) -> None:
    note(results, SYMPTOM, "a slip")
    note(results, SYMPTOM, TEXT)
    assert readers(results, "a slip") == set()
    assert f"your note: {TEXT}" in note(results).output
    assert note(results, SYMPTOM, "--withdraw").exit_code == 0
    assert readers(results) == set()
    assert note(results, SYMPTOM, "--withdraw").exit_code == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["no flush", TEXT], f"echo: {SYMPTOM}"),
        ([SYMPTOM, TEXT, "--lab", "presence"], "in presence"),
        ([SYMPTOM], "give the text"),
        ([SYMPTOM, TEXT, "--withdraw"], "give the text"),
        ([SYMPTOM, "  "], "give the text"),
        (["--withdraw"], "name the symptom"),
    ],
)
def test_a_wrong_call_changes_nothing(words: list[str], told: str, results: Path) -> None:
    before = (results / "class.jsonl").read_bytes()
    done = note(results, *words)
    assert done.exit_code == 2
    assert told in done.output
    assert (results / "class.jsonl").read_bytes() == before


def test_a_folder_without_a_class_is_a_wrong_call(tmp_path: Path) -> None:
    assert note(tmp_path, SYMPTOM, TEXT).exit_code == 2


def test_what_failures_have_in_common_is_one_symptom_and_the_rest_one_each() -> None:
    late = passed(UPPER_CASE).with_attempt(kind=Kind.LATE)
    failing = BYE_IN_LOWER_CASE
    seen = failing.with_attempt(symptom=Symptom(Sign.OPEN))
    explained = replace(failing, clause=UPPER_CASE)
    run = replace(ALICE, verdicts=(explained, seen), common=(NO_FLUSH,))
    names = [(s.name, s.clauses) for s in symptoms_of(run)]
    assert names == [("no flush", ("3.1", "3.2")), (f"4.1 {Sign.OPEN.value}", ("4.1",))]
    alone = replace(ALICE, verdicts=(late, failing))
    assert [s.name for s in symptoms_of(alone)] == ["4.1 failed"], "what passed is none"


def test_what_does_not_compile_is_one_symptom_in_every_language() -> None:
    """A compiler says so before the start, an interpreter at it."""
    failing = replace(BYE_IN_LOWER_CASE, clause=LISTENS)
    javac = failing.with_attempt(expected=BUILDS)
    ended = failing.with_attempt(symptom=Symptom(Sign.ENDED), thrown=Thrown("SyntaxError"))
    early = Common("ends at its start", "It ends.", ("1.1", "3.2"))
    for verdict in (javac, ended):
        run = replace(ALICE, verdicts=(verdict, not_shown(AT_ONCE, "1.1")), common=(early,))
        assert [(s.name, s.clauses) for s in symptoms_of(run)] == [
            ("does not compile", ("1.1", "3.2"))
        ]
    late = replace(ALICE, verdicts=(passed(LISTENS), replace(ended, clause=UPPER_CASE)))
    assert [s.name for s in symptoms_of(late)] == ["3.1 the program ended"], "it was read"


def test_the_symptoms_of_a_class_say_whose_they_are() -> None:
    run = replace(ALICE, common=(NO_FLUSH,))
    results = [Judged(HandIn(who, "echo", Path(who)), run) for who in ("ann", "bob")]
    first, *_ = symptoms_in(results)
    assert (first.lab, first.name, first.authors) == ("echo", "no flush", ("ann", "bob"))


def test_a_student_reads_it_whatever_is_revealed_but_nothing_of_clauses_that_seem_open() -> None:
    told = SymptomNote("echo", "no flush", TEXT, "2026-11-30", ())
    lost = (replace(BYE_IN_LOWER_CASE, clause=UPPER_CASE), not_shown(AT_ONCE, "3.1"))
    run = replace(ALICE, verdicts=lost, common=(NO_FLUSH,))
    (noted,) = notes_on("echo", run, [told, SymptomNote("presence", "no flush", "no", "2026")])
    assert noted.clauses == ("3.1", "3.2")
    result = Judged(HandIn("alice", "echo", Path("a")), run, notes=(noted,))
    for reveal in Reveal:
        (seen,) = revealed(result, reveal).notes
        assert seen.told == f"Your teacher on 3.1 and 3.2: {TEXT}"
    hidden = [replace(v.with_attempt(outcome=Outcome.INCONCLUSIVE), points=None) for v in lost]
    partly = replace(result, run=replace(run, verdicts=(lost[0], hidden[1])))
    assert [note.clauses for note in revealed(partly, Reveal.HINTS).notes] == [("3.1",)]
    wholly = replace(result, run=replace(run, verdicts=tuple(hidden)))
    assert revealed(wholly, Reveal.HINTS).notes == ()
    given = replace(lost[0], points=lost[0].possible, corrected="The teacher gave 3 of 3 points")
    settled = replace(result, run=replace(run, verdicts=(given, lost[1])))
    left = revealed(settled, Reveal.HINTS)
    assert left.run is not None
    assert [note.clauses for note in left.notes] == [("3.2",)]
    assert [common.clauses for common in left.run.common] == [("3.2",)]


def test_what_clauses_share_with_hidden_ones_is_told_on_those_that_are_seen() -> None:
    failed = replace(BYE_IN_LOWER_CASE, clause=UPPER_CASE)
    lost = (failed, not_shown(AT_ONCE, "3.1"), BYE_IN_LOWER_CASE)
    common = replace(NO_FLUSH, clauses=("3.1", "3.2", "4.1"))
    run = replace(ALICE, verdicts=lost, common=(common,))
    noted = SymptomNote("echo", "no flush", TEXT, "2026-11-30", common.clauses)
    result = Judged(HandIn("alice", "echo", Path("a")), run, notes=(noted,))

    def read(hidden: str) -> tuple[list[str], list[str]]:
        rules = Rules(hidden=(hidden,))
        seen = revealed(replace(result, run=seen_run(run, rules, NOW)), Reveal.HINTS)
        assert seen.run is not None
        return [each.told for each in seen.notes], [each.told for each in seen.run.common]

    told = "It answers only when the client has ended"
    assert read("4") == ([f"Your teacher on 3.1 and 3.2: {TEXT}"], [f"{told} (3.1, 3.2)."])
    assert read("3") == ([f"Your teacher on 4.1: {TEXT}"], []), "one alone does not show it"
    assert read("9")[1] == [f"{told} (3.1, 3.2, 4.1)."]


def test_only_pages_that_have_the_note_are_counted(results: Path) -> None:
    events = results / "class.jsonl"
    told = events.read_text(encoding="ascii")
    hidden = '"reveal":"hints","feedback":{"hidden":["3"],"show_hidden":"never"}'
    events.write_text(told.replace('"reveal":"hints"', hidden), encoding="ascii")
    done = note(results, SYMPTOM, TEXT)
    assert "on the pages of 0 students; not yet of 1 student" in " ".join(done.output.split())
    assert readers(results) == set()
