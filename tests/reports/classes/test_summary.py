from __future__ import annotations

import io
import re
from collections.abc import Iterable
from dataclasses import replace

import pytest
from rich.console import Console

from conformance.classes.model import Class, HandIn, Result, Student, Total
from conformance.classes.results.grades import grades
from conformance.reports.classes.summary import render
from conformance.verdict.model import Common, Outcome, Run, Verdict
from kit.runs import ALICE, BEHIND_A_DOUBT, HANGS_UP, LISTENS, UPPER_CASE, passed
from kit.sample_class import (
    ALICE_STUDENT,
    BOB,
    CHLOE,
    CLASS,
    ECHO,
    EVES,
    FOLDER,
    GIVEN,
    GRADES,
    RESULTS,
    TOTAL_GIVEN,
    TOTAL_SENTENCE,
    WORST_CLASS,
    WORST_RESULTS,
    alone,
    many,
)

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def printed(
    graded: Class, results: Iterable[Result], *, width: int = 80, encoding: str = "utf-8"
) -> str:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, newline="")
    results = list(results)
    render(graded, results, grades(graded, results), console=Console(file=file, width=width))
    file.flush()
    return raw.getvalue().decode(encoding)


def failed(verdict: Verdict) -> Verdict:
    return replace(verdict.with_attempt(outcome=Outcome.FAILED), points=0)


def class_of(points: Iterable[int], scale: str = "percent") -> tuple[Class, list[Result]]:
    """A class of which each has so many of 100 points."""
    results, students = [], []
    for number, earned in enumerate(points):
        student = Student(f"s{number}")
        verdict = replace(passed(UPPER_CASE), points=earned, possible=100)
        hand_in = HandIn(student.id, "echo", FOLDER / student.id)
        students.append(student)
        results.append(Result(hand_in, replace(ALICE, verdicts=(verdict,))))
    graded = Class("", tuple(students), (ECHO,), tuple(r.hand_in for r in results), scale=scale)
    return graded, results


def test_the_summary_of_an_ordinary_class() -> None:
    assert (
        printed(CLASS, RESULTS)
        == """\
Network programming
5 students: 2 graded · 1 handed in nothing · 2 still open
  unclear what was handed in: 1

Points (of students)
                  handed in  graded    mean  median    of
  echo                    4       2     6.0     6.0     9
  streaming-time          3       2     6.0     6.0    12
  Each day that has begun after the deadline costs 10 % of the points that were
  earned, 50 % at most: of 20 points, 2 days late leave 16, 5 days or more 10.

Grades (linear 1..6)
  1.0 – 1.4  0
  1.5 – 1.9  0
  2.0 – 2.4  0
  2.5 – 2.9  0
  3.0 – 3.4  0
  3.5 – 3.9  0
  4.0 – 4.4  0
  4.5 – 4.9  0
  5.0 – 5.4  0
  5.5 – 6.0  ████████████████████████ 2
  not counted here: 1 that handed in nothing, 2 still open

Missed most (students of those judged)
  echo 4.1  `BYE⏎` is answered with `> BYE⏎`, then the serv…  1 of 3  ███

Still open
  echo: 3.2 could not be judged: Late once (1.3 s), then in time on a fresh
  server: this machine was busy.
    alice (Zoë Müller)
  streaming-time: not graded yet
    alice (Zoë Müller)
  echo: two entries: eve.py and eve.zip
    eve

Corrected by hand
  alice (Zoë Müller) echo 4.1: The teacher gave 2 of 3 points: the lecture's own
  example said bye

Warnings
  stray.zip belongs to nobody on the roster
"""
    )


def test_what_could_not_be_started_is_counted_and_told() -> None:
    """Also what could not be built here; not what a teacher has decided since."""
    hand_ins = [HandIn(each, "echo", FOLDER / each) for each in ("ann", "bob", "cy", "dan", "eve")]
    told = "ann.rar: such an archive cannot be opened here"
    unbuilt = tuple(v for v in BEHIND_A_DOUBT.verdicts if v.points is None)
    results = [
        Result(hand_ins[0], None, trouble=told, blame="suite", refused=True),
        Result(hand_ins[1], replace(BEHIND_A_DOUBT, verdicts=unbuilt)),
        Result(hand_ins[2], None, trouble="x", blame="suite", refused=True,
               total=Total(5, 9, "seen")),
        Result(hand_ins[3], None, trouble="the disk is full", blame="suite"),
        Result(hand_ins[4], replace(ALICE, verdicts=(failed(passed(UPPER_CASE)),))),
    ]  # fmt: skip
    students = tuple(Student(h.author) for h in hand_ins)
    text = printed(Class("", students, (ECHO,), tuple(hand_ins)), results)
    assert "5 students: 2 graded · 0 handed in nothing · 3 still open\n" in text
    assert "  could not be started: 2\n" in text
    assert f"  echo: could not be started: {told}\n    ann\n" in text


def test_who_may_have_handed_in_nothing_is_counted_apart() -> None:
    why = "nothing was found under this name, and there are hand-ins that have no owner"
    missing = HandIn("ann", "echo", None, problem=why, missing=True)
    unclear = HandIn("bob", "echo", None, problem="two entries")
    absent = HandIn("cy", "echo", None)
    hand_ins = (missing, unclear, absent)
    results = [
        Result(missing, None, trouble=why, blame="suite"),
        Result(unclear, None, trouble="two entries", blame="suite"),
        Result(absent, None, trouble="nothing handed in", blame="student"),
    ]
    students = tuple(Student(h.author) for h in hand_ins)
    text = printed(Class("", students, (ECHO,), hand_ins), results, width=100)
    assert "3 students: 0 graded · 1 handed in nothing · 2 still open\n" in text
    assert "unclear what was handed in: 1 · unclear whether anything was handed in: 1" in text
    assert f"  echo: {why}\n    ann\n" in text
    assert re.search(r"  echo +1 +0", text), "one has handed in"


def bins(text: str) -> dict[str, int]:
    """The distribution: label and number."""
    part = text.split("Grades")[1].split("\n\n")[0]
    rows = re.findall(r"^ +(\S.*?)  (?:[█#]+ )?(\d+)$", part, re.MULTILINE)
    return {label: int(number) for label, number in rows}


def test_percent_are_in_ten_bins_with_their_ends() -> None:
    found = bins(printed(*class_of([0, 9, 10, 89, 90, 100, 100])))
    assert sum(found.values()) == 7
    assert found["0.0 – 9.9"] == 2
    assert found["10.0 – 19.9"] == 1
    assert found["80.0 – 89.9"] == 1
    assert found["90.0 – 100.0"] == 3


def test_a_scale_that_falls_has_its_best_last() -> None:
    found = bins(printed(*class_of([0, 50, 100], "linear 5..1")))
    assert next(iter(found)) == "5.0 – 4.7"
    assert found["5.0 – 4.7"] == 1
    assert found["3.0 – 2.7"] == 1
    assert found["1.4 – 1.0"] == 1


def test_letters_are_their_own_bins() -> None:
    found = bins(printed(*class_of([95, 91, 60, 10], "A 90, B 50, F 0")))
    assert found == {"A": 2, "B": 1, "F": 1}


def test_who_is_absent_or_open_is_not_in_the_distribution() -> None:
    assert sum(bins(printed(CLASS, RESULTS)).values()) == 2
    nobody = printed(CLASS, [])
    assert "Grades" not in nobody
    assert "0 graded · 1 handed in nothing · 4 still open" in nobody


def test_mean_and_median_are_of_those_who_handed_in() -> None:
    graded, results = class_of([10, 20, 60])
    absent = Student("absent")
    graded = replace(graded, students=(*graded.students, absent),
                     hand_ins=(*graded.hand_ins, HandIn("absent", "echo", None)))  # fmt: skip
    [row] = [line for line in printed(graded, results).splitlines() if line.startswith("  echo")]
    assert row.split() == ["echo", "3", "3", "30.0", "20.0", "9"]


def test_what_was_handed_in_and_not_graded_is_told_apart() -> None:
    graded, results = class_of([10, 20, 60])
    text = printed(graded, results[:1])
    [row] = [line for line in text.splitlines() if line.startswith("  echo  ")]
    assert row.split() == ["echo", "3", "1", "10.0", "10.0", "9"]
    assert "not counted here: 2 still open" in text
    assert "not counted here" not in printed(graded, results)


def test_what_is_open_behind_a_gate_is_told_once() -> None:
    text = printed(*alone(ALICE_STUDENT, BEHIND_A_DOUBT, replace(GIVEN, clause="1.1", points=1)))
    assert "echo: 6 points behind 1.1 not judged" in text
    assert "could not be judged: nothing can be judged" not in text


def test_a_gate_that_is_open_is_told_with_what_is_behind_it() -> None:
    text = " ".join(printed(*alone(ALICE_STUDENT, BEHIND_A_DOUBT)).split())
    assert "echo: 1.1 could not be judged, nor 6 points behind it: " in text
    assert "6 points behind 1.1 not judged" not in text


def test_what_is_open_is_no_warning_too() -> None:
    why = "its submission.toml names the lab presence, so that it is none for echo"
    told = replace(EVES, problem=f"{why}, and it is graded for nothing else")
    graded = replace(CLASS, hand_ins=(told,), warnings=(f"eve: {why}", "something else"))
    text = " ".join(printed(graded, []).split())
    assert text.count(why) == 1
    assert "something else" in text


def missed(graded: Class, results: Iterable[Result]) -> list[str]:
    """What most students miss: clause, and how many of how many."""
    part = printed(graded, results).partition("Missed most")[2].partition("\n")[2].split("\n\n")[0]
    return [
        f"{row.split()[0]}: {found[0]}"
        for row in part.splitlines()
        if (found := re.search(r"\d+ of \d+", row))
    ]


def test_clauses_are_ranked_by_how_many_students_miss_them() -> None:
    students = (ALICE_STUDENT, BOB, CHLOE)
    both, one = (failed(passed(UPPER_CASE)), failed(passed(HANGS_UP))), passed(UPPER_CASE)
    hand_ins = (HandIn("alice", "echo", FOLDER), HandIn("red", "echo", FOLDER))
    results = [
        Result(hand_ins[0], replace(ALICE, verdicts=both)),
        Result(hand_ins[1], replace(ALICE, verdicts=(one, failed(passed(HANGS_UP))))),
    ]
    graded = replace(CLASS, students=students, labs=(ECHO,), hand_ins=hand_ins)
    assert missed(graded, results) == ["4.1: 3 of 3", "3.1: 1 of 3"]


def test_what_could_not_be_judged_is_missed_by_nobody() -> None:
    gated = replace(passed(HANGS_UP).with_attempt(outcome=Outcome.NOT_RUN), points=0)
    doubt = replace(passed(UPPER_CASE).with_attempt(outcome=Outcome.INCONCLUSIVE), points=None)
    assert missed(*alone(ALICE_STUDENT, replace(ALICE, verdicts=(gated, doubt)))) == []


def test_what_the_teacher_gave_is_missed_by_nobody() -> None:
    assert missed(*alone(ALICE_STUDENT, ALICE)) == ["4.1: 1 of 1"]
    assert missed(*alone(ALICE_STUDENT, ALICE, replace(GIVEN, points=3))) == []


def test_only_the_first_ten_are_shown() -> None:
    verdicts = tuple(
        failed(passed(replace(UPPER_CASE, number=f"3.{number}"))) for number in range(1, 15)
    )
    found = missed(*alone(ALICE_STUDENT, replace(ALICE, verdicts=verdicts)))
    assert [row.split(":")[0] for row in found] == [f"3.{number}" for number in range(1, 11)]


@pytest.mark.parametrize("run", [ALICE, BEHIND_A_DOUBT, None])
def test_a_corrected_total_is_told_and_leaves_nothing_open(run: Run | None) -> None:
    given = replace(TOTAL_GIVEN, points=5)
    text = " ".join(printed(*alone(ALICE_STUDENT, run, given)).split())
    assert "alice (Zoë Müller) echo total: The teacher gave 5 of" in text
    assert "1 graded" in text
    assert "Still open" not in text
    assert "does not fit" not in text


def test_a_total_that_does_not_fit_is_a_warning() -> None:
    given = replace(TOTAL_GIVEN, points=99)
    text = " ".join(printed(*alone(ALICE_STUDENT, ALICE, given)).split())
    assert TOTAL_SENTENCE.partition(":")[0] not in text
    assert "alice (Zoë Müller) echo total to 99 points does not fit the run" in text
    assert "Still open" in text


def test_what_could_be_meant_as_well_is_a_warning() -> None:
    doubted = replace(ALICE, doubt="a.py was started; b.py could be meant, too")
    graded, results = alone(ALICE_STUDENT, doubted)
    text = printed(graded, results)
    assert "  alice (Zoë Müller) echo: a.py was started; b.py could be meant, too" in text


def test_what_all_would_be_started_with_is_a_warning() -> None:
    hint = "It was started without arguments: `java Server`. Give the port a default."
    run = replace(ALICE, verdicts=(failed(passed(LISTENS)).with_attempt(hint=hint),))
    graded, results = alone(ALICE_STUDENT, run)
    told = " ".join(printed(graded, results).split())
    assert "echo: 1 program wanted arguments, and got none" in told
    assert '`arguments = ["{port}"]` in the class file' in told
    given = replace(graded, labs=(replace(graded.labs[0], arguments=("{port}",)),))
    assert "wanted arguments" not in printed(given, results)


def test_a_correction_that_does_not_fit_is_a_warning() -> None:
    graded, [result] = alone(ALICE_STUDENT, ALICE)
    text = printed(graded, [replace(result, overrides=(replace(GIVEN, clause="9.9"),))])
    assert "Corrected by hand" not in text
    assert "alice (Zoë Müller) echo 9.9 to 2 points does not fit the run" in " ".join(text.split())


def test_a_correction_that_the_run_carries_otherwise_is_a_warning() -> None:
    graded, [result] = alone(ALICE_STUDENT, ALICE, GIVEN)
    text = printed(graded, [replace(result, overrides=(replace(GIVEN, points=3),))])
    assert "The teacher gave 3" not in text
    assert "to 3 points does not fit the run" in " ".join(text.split())


def test_of_several_corrections_of_a_clause_the_last_is_in_force() -> None:
    later = replace(GIVEN, points=3, because="again", at="2026-12-01T00:00:00+00:00")
    text = printed(*alone(ALICE_STUDENT, ALICE, later, GIVEN))
    assert "The teacher gave 3 of 3 points: again" in text
    assert "The teacher gave 2" not in text
    assert "does not fit" not in text


def test_what_is_open_for_one_reason_is_told_once() -> None:
    graded, _ = many(2_000, absent=0)
    text = printed(graded, [])
    assert text.count("not graded yet") == 2  # a line each lab
    assert "and 1980 more" in text
    assert len(text.splitlines()) < 40


def test_no_list_is_without_end() -> None:
    graded, results = alone(ALICE_STUDENT, ALICE)
    text = printed(replace(graded, warnings=tuple(f"warning {n}" for n in range(500))), results)
    assert "warning 19" in text
    assert "warning 20\n" not in text
    assert "… and 480 more" in text


@pytest.mark.parametrize("width", [20, 60, 80, 120, 300])
def test_the_lines_fit(width: int) -> None:
    for line in printed(CLASS, RESULTS, width=width).splitlines():
        assert len(line) <= max(60, min(width, 100))


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_an_encoding_without_our_signs_gets_others(encoding: str) -> None:
    students = (replace(ALICE_STUDENT, name="Zoe"), *CLASS.students[1:])
    text = printed(replace(CLASS, students=students), RESULTS, encoding=encoding)
    assert "5.5 - 6.0  ######################## 2" in text or "5.5 – 6.0  ####" in text
    assert "\\u{" not in text


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_a_hostile_class_reaches_neither_terminal_nor_runner(encoding: str) -> None:
    for line in printed(WORST_CLASS, WORST_RESULTS, encoding=encoding).split("\n"):
        assert line.isprintable(), line
        assert not line.lstrip().startswith("::"), line
        assert "##[" not in line


def test_on_a_terminal_only_colours_are_written() -> None:
    file = io.StringIO()
    console = Console(file=file, width=80, force_terminal=True, color_system="truecolor")
    given = grades(WORST_CLASS, WORST_RESULTS)
    render(WORST_CLASS, WORST_RESULTS, given, console=console)
    assert ESCAPE.search(file.getvalue())
    assert "\x1b" not in ESCAPE.sub("", file.getvalue())


def test_grades_that_were_reckoned_before_are_taken_as_they_are() -> None:
    file = io.StringIO()
    render(CLASS, RESULTS, GRADES[:1], console=Console(file=file, width=80))
    assert "1 student: 0 graded" in file.getvalue()


def test_students_are_grouped_by_what_their_failures_have_in_common() -> None:
    graded, results = class_of([10, 20, 30])
    flush = Common("no flush", "Replies are not flushed.", ("3.2", "3.3"))
    hostile = Common("\x1b[2J", "It is hostile.", ("3.1", "3.2"))
    causes = [(flush,), (flush, hostile), ()]
    with_causes = [
        replace(result, run=replace(result.run, common=common))
        for result, common in zip(results, causes, strict=True)
        if result.run
    ]
    text = printed(graded, with_causes)
    part = text.partition("What failures have in common (students)\n")[2].split("\n\n")[0]
    assert [line.strip() for line in part.splitlines()] == [
        "2 students: no flush", "1 student: \\u{1B}[2J",
    ]  # fmt: skip
