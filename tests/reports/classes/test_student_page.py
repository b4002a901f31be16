from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from conformance.classes.model import Class, Grant, Override, Result, Reveal, Student
from conformance.classes.results.grades import grades
from conformance.reports.classes.student_page import page
from conformance.sandbox.hosts.conditions import NetworkConditions
from conformance.submissions.build import ADVICE
from conformance.verdict.model import Common, Level, Run, Search
from kit.runs import (
    ALICE,
    BEHIND_A_DOUBT,
    BEHIND_A_FAULT,
    BYE_IN_LOWER_CASE,
    LEFT_OUT,
    LISTENS,
    NOISY,
    NOT_SHOWN,
    passed,
)
from kit.sample_class import (
    ALICE_STUDENT,
    BOB,
    CHLOE,
    CLASS,
    DAN,
    EVE,
    FOLDER,
    GIVEN,
    GRADES,
    RESULTS,
    SENTENCE,
    TOTAL_GIVEN,
    TOTAL_SENTENCE,
    WORST,
    WORST_CLASS,
    WORST_RESULTS,
    alone,
)


def page_of(student: Student) -> str:
    grade = next(grade for grade in GRADES if grade.student == student)
    return page(CLASS, student, grade, RESULTS)


def test_it_says_how_the_program_was_started_and_how_to_start_it_like_that() -> None:
    started = replace(ALICE, command=("java", "Server", "2424"), folder="src")
    graded, results = alone(ALICE_STUDENT, started)
    [plan] = graded.labs
    network = NetworkConditions(delay=0.05)
    plan = replace(plan, arguments=("-p", "{port}"), network=network)
    graded = replace(graded, labs=(plan,))
    told = page(graded, ALICE_STUDENT, grades(graded, results)[0], results)
    assert "Started as `java Server 2424`, in src/ of what was handed in." in told
    words = "--lab echo --set port=2424 --arguments '-p {port}' --network 'delay 50ms'"
    assert words in told


def page_alone(
    run: Run | None, *overrides: Override, reveal: Reveal = Reveal.HINTS, scale: str = "percent"
) -> str:
    graded, results = alone(ALICE_STUDENT, run, *overrides, reveal=reveal, scale=scale)
    return page(graded, ALICE_STUDENT, grades(graded, results)[0], results)


def test_the_page_of_an_ordinary_student() -> None:
    failing = replace(ALICE, verdicts=(passed(LISTENS), BYE_IN_LOWER_CASE), notes=())
    assert (
        page_alone(failing, scale="linear 1..6")
        == """\
A class
Zoë Müller · alice

  echo  1 of 4 points

  Grade: 2.3 (25.0 %)
  The scale from percent to grades: linear 1..6.


echo: a TCP server that shouts back
===================================

  1 Listening
    ✓ 1.1   listens                                                           MUST     1/1
  4 Goodbye
    ✗ 4.1   hangs up after bye                                                MUST     0/3

✗ 4.1 hangs up after bye                                               MUST, 0 of 3 points

  `BYE⏎` is answered with `> BYE⏎`, then the server closes within 1 s (the other clauses
  accept a later close).

  expected  > BYE⏎
  actual    > bye⏎
              ^

  conversation
      0.000 s  suite   client connected
      0.001 s  server  Hello, I am the echo server⏎
                       Say BYE to leave.⏎
      0.003 s  client  BYE⏎
  ▶   0.004 s  server  > bye⏎
      0.004 s  suite   the server closed its side (FIN)
  the program's own last output
    │ client from 10.9.9.2
    │ Traceback (most recent call last):
    │   File "alice.py", line 12, in serve
    │     reply = line.uper()
    │ AttributeError: 'str' object has no attribute 'uper'

  hint  Is the line sent back before it is turned into upper case? Compare with what you
        do with every other line.
  see it yourself  printf 'BYE\\r\\n' | nc localhost 2323
  run it again     conformance check alice.py --lab echo --only 4.1 --seed 20261122

run it yourself  conformance check YOUR_SERVER --lab echo --set port=2424
"""
    )


def test_what_is_open_is_told_and_is_no_grade() -> None:
    text = page_of(ALICE_STUDENT)
    assert "6 of 9 points so far, something is open, 4.80 after lateness" in text
    assert "  streaming-time  still open\n" in text
    assert "No grade yet" in text
    assert "Grade:" not in text
    assert "? 3.2 answers at once" in text
    assert "still open: 2 points" in text
    assert "Late once (1.3 s), then in time" in text
    assert "Still open: not graded yet." in text


def test_lateness_is_reckoned_up() -> None:
    text = " ".join(page_of(ALICE_STUDENT).split())
    assert "Handed in on 2026-11-22 10:30+00:00, the deadline was 2026-11-20 22:00+00:00." in text
    assert (
        "Each day that has begun after the deadline costs 10 % of the points that were earned,"
        " 50 % at most: of 20 points, 2 days late leave 16, 5 days or more 10." in text
    )
    assert "Late by 2 days: of 6 points 20 % are lost, 4.80 count." in text
    assert "Late by" not in page_of(BOB)
    late_again = replace(CLASS.hand_ins[2], submitted=CLASS.labs[0].deadline)
    assert late_again.submitted is not None
    late_again = replace(late_again, submitted=late_again.submitted + timedelta(hours=1))
    graded = replace(CLASS, hand_ins=(late_again,))
    results = [replace(RESULTS[1], hand_in=late_again)]
    assert "Late by 1 day: " in page(graded, BOB, grades(graded, results)[1], results)


def late_page(points: int, *, per_day: float = 10.0, late_days: int = 2) -> str:
    """The page of somebody who has earned so many points, late."""
    verdict = replace(passed(LISTENS), points=points, possible=20)
    hand_in = CLASS.hand_ins[0]
    plan = CLASS.labs[0]
    assert plan.deadline is not None
    hand_in = replace(hand_in, submitted=plan.deadline + timedelta(days=late_days))
    graded = replace(CLASS, labs=(plan,), hand_ins=(hand_in,),
                     late=replace(CLASS.late, per_day=per_day))  # fmt: skip
    results = [Result(hand_in, replace(ALICE, verdicts=(verdict,)))]
    return page(graded, ALICE_STUDENT, grades(graded, results)[0], results)


def test_lateness_that_costs_nothing_is_not_reckoned_up() -> None:
    nothing = late_page(0)
    assert "  echo  0 of 20 points\n" in nothing
    assert "Late by 2 days.\n" in nothing
    assert "are lost" not in nothing
    assert "of 1 point 20 % are lost, 0.80 count." in " ".join(late_page(1).split())
    assert "Late by 2 days, which costs nothing." in late_page(5, per_day=0.0)
    assert "after lateness" not in late_page(5, per_day=0.0)


def test_times_are_told_in_the_zone_of_the_deadline() -> None:
    """Two times that are compared are not an hour apart on paper."""
    geneva = timezone(timedelta(hours=1))
    plan = replace(CLASS.labs[0], deadline=datetime(2026, 11, 20, 23, 0, tzinfo=geneva))
    own = Grant("alice", "echo", datetime(2026, 11, 21, 22, 0, tzinfo=UTC))
    graded = replace(CLASS, labs=(plan, *CLASS.labs[1:]), grants=(own,))
    text = " ".join(page(graded, ALICE_STUDENT, grades(graded, RESULTS)[0], RESULTS).split())
    assert (
        "Handed in on 2026-11-22 11:30+01:00, the deadline was 2026-11-20 23:00+01:00, your own"
        " deadline was 2026-11-21 23:00+01:00." in text
    )
    assert "Late by 1 day: of 6 points 10 % are lost, 5.40 count." in text


def test_a_waiver_is_told() -> None:
    graded = replace(CLASS, grants=(Grant("alice", "echo", None),))
    text = page(graded, ALICE_STUDENT, grades(graded, RESULTS)[0], RESULTS)
    assert "Late by 2 days, which was waived: it costs nothing.\n" in text
    assert "after lateness" not in text


def test_what_could_not_be_started_is_open_and_says_what_to_hand_in() -> None:
    graded, [result] = alone(ALICE_STUDENT, None)
    told = "alice.rar: such an archive cannot be opened here"
    results = [replace(result, trouble=told, blame="suite", refused=True)]
    text = " ".join(page(graded, ALICE_STUDENT, grades(graded, results)[0], results).split())
    assert f"Still open: could not be started: {told}. It has cost you no point" in text
    assert "Hand in the program itself: a .py" in text
    results = [replace(results[0], refused=False)]
    assert "Hand in" not in page(graded, ALICE_STUDENT, grades(graded, results)[0], results)


def test_steps_of_the_scale_are_told() -> None:
    graded = replace(CLASS, step="0.25")
    text = page(graded, ALICE_STUDENT, grades(graded, RESULTS)[0], RESULTS)
    assert "grades: linear 1..6, in steps of 0.25, halves up." in " ".join(text.split())


def test_the_page_says_how_the_grade_comes_about() -> None:
    text = " ".join(page_of(ALICE_STUDENT).split())
    assert (
        "Each lab counts by the share of its points that was earned, with these weights: echo"
        " 66.7 % and streaming-time 33.3 %. The scale from percent to grades: linear 1..6." in text
    )
    assert "with these weights" not in page_alone(ALICE)


def test_what_is_behind_a_gate_that_was_given_points_is_open() -> None:
    text = page_alone(BEHIND_A_DOUBT, replace(GIVEN, clause="1.1", points=1))
    assert "1 of 7 points so far, something is open" in text
    assert "No grade yet" in text
    assert "– still open, not run: 3.1, 4.1\n" in text
    assert "which could not be judged" in text


@pytest.mark.parametrize("reveal", list(Reveal))
def test_what_only_the_teacher_can_do_is_not_told_to_the_student(reveal: Reveal) -> None:
    assert ADVICE in BEHIND_A_DOUBT.verdicts[0].attempt.reason
    text = " ".join(page_alone(BEHIND_A_DOUBT, reveal=reveal).split())
    assert "could not be built here: it needs its dependencies" in text
    assert "--fetch" not in text


@pytest.mark.parametrize("reveal", list(Reveal))
def test_what_a_search_has_found_is_a_hint_and_keeps_the_seed(reveal: Reveal) -> None:
    again = f"conformance check /classes/echo/alice.py --search 20s --seed {ALICE.seed}"
    verdict = replace(BYE_IN_LOWER_CASE, level=Level.INFO, possible=0, again=again)
    search = Search(20.0, 131, sentence="a, BYE: the server says: > bye", verdict=verdict)
    run = replace(ALICE, verdicts=(passed(LISTENS),), search=replace(search, again=again))
    text = page_alone(run, reveal=reveal)
    assert ("a, BYE: the server says: > bye" in " ".join(text.split())) is (reveal is Reveal.HINTS)
    assert str(ALICE.seed) not in text
    assert "/classes/" not in text


def test_sentences_are_wrapped_and_not_cut() -> None:
    told = f"two entries: {', '.join(f'echo-server-{n}.zip' for n in range(12))}"
    graded, [result] = alone(ALICE_STUDENT, None)
    results = [replace(result, trouble=told, blame="suite")]
    text = " ".join(page(graded, ALICE_STUDENT, grades(graded, results)[0], results).split())
    assert f"Still open: {told}." in text


def test_a_correction_is_shown_as_such() -> None:
    text = page_of(ALICE_STUDENT)
    assert "MUST     2/3\n            " + SENTENCE in text
    assert "MUST, 2 of 3 points\n\n  " + SENTENCE in text
    assert text.count(SENTENCE) == 2
    assert SENTENCE not in page_of(BOB)


def test_a_correction_of_what_passed_or_was_in_doubt_is_shown_too() -> None:
    text = page_alone(ALICE, replace(GIVEN, clause="3.1", points=1),
                      replace(GIVEN, clause="3.2", points=2))  # fmt: skip
    assert "✎ 3.1   sends the line back in upper case" in text
    assert "The teacher gave 1 of 3 points: the lecture's" in text
    assert "The teacher gave 2 of 2 points: the lecture's" in text
    assert "MUST, 2 of 2 points" in text
    assert "could not be judged" not in text
    assert "Grade:" in text


def test_what_was_not_shown_is_a_line_each_and_one_for_all() -> None:
    text = page_alone(BEHIND_A_FAULT)
    assert "  echo  1 of 9 points\n" in text
    assert "    – 5.2   serves twenty clients at once · behind 3.1" in text
    assert f"\n\n{NOT_SHOWN}.\n" in text
    assert f"\n\n{LEFT_OUT}.\n" in text
    assert "– left out: 4.1\n  with --connect there is no server of its own for it\n" in text
    assert "it stands behind" not in text
    assert "not run" not in text


def test_a_corrected_total_is_told_first_and_leaves_nothing_open() -> None:
    text = page_alone(ALICE, TOTAL_GIVEN, GIVEN)
    assert "  echo  7 of 9 points\n" in text
    assert "  Grade: 77.8 %\n" in text
    told = " ".join(text.split())
    assert f"{TOTAL_SENTENCE}. That decides; what was judged is below." in told
    assert text.index("whole lab") < text.index("1 Listening")
    assert SENTENCE in text
    assert "still open" not in text.lower()
    assert "? 3.2   answers at once" in text
    assert "MUST, 0 of 2 points" in text
    behind = page_alone(BEHIND_A_DOUBT, TOTAL_GIVEN)
    assert "– not run: 3.1, 4.1\n" in behind
    assert "still open" not in behind.lower()


def test_a_total_without_a_run_is_told() -> None:
    text = page_alone(None, TOTAL_GIVEN)
    assert "  echo  7 of 9 points\n" in text
    assert TOTAL_SENTENCE in " ".join(text.split())
    assert "Not judged: not graded yet." in text
    assert "no points" not in text


def test_a_group_s_members_read_the_same() -> None:
    assert page_of(BOB).split("\n")[2:] == page_of(CHLOE).split("\n")[2:]
    assert "Bob Ross · bob · group red" in page_of(BOB)
    assert "Grade: 6.0 (100.0 %)" in page_of(CHLOE)


def test_nothing_handed_in_and_a_hand_in_that_nobody_can_tell() -> None:
    assert "Nothing handed in: no points." in page_of(DAN)
    assert "Grade: 1.0 (0.0 %)" in page_of(DAN)
    text = page_of(EVE)
    assert "Still open: two entries: eve.py and eve.zip." in text
    assert "No grade yet" in text


def test_a_missing_result_is_no_zero() -> None:
    grade = grades(CLASS, [])[0]
    text = page(CLASS, ALICE_STUDENT, grade, [])
    assert text.count("Still open: not graded yet.") == 2
    assert "no points" not in text


def test_nobody_reads_another_s_results() -> None:
    assert "not graded yet" in page_of(ALICE_STUDENT)  # though the reds' result is there
    mine = [r for r in RESULTS if r.hand_in.author == "alice"]
    assert page_of(ALICE_STUDENT) == page(CLASS, ALICE_STUDENT, GRADES[0], mine)


EVIDENCE = ("> bye⏎", "Traceback", "Its replies begin", "second waited", "127.0.0.1 only")
HINTS = ("hint", "nc localhost", "run it again", "run it yourself", "see it yourself")


@pytest.mark.parametrize("reveal", list(Reveal))
def test_only_what_is_revealed_is_there(reveal: Reveal) -> None:
    text = page_alone(ALICE, GIVEN, reveal=reveal)
    for always in ("✎ 4.1", "2/3", SENTENCE, "5.1 failed: with one client", "Late once"):
        assert always in text
    for part in EVIDENCE:
        assert (part in text) == (reveal is not Reveal.POINTS), part
    for part in HINTS:
        assert (part in text) == (reveal is Reveal.HINTS), part


@pytest.mark.parametrize("reveal", list(Reveal))
def test_what_failures_have_in_common_is_told_with_the_hints(reveal: Reveal) -> None:
    common = Common("no flush", "Replies are not flushed.", ("3.2", "4.1"))
    text = page_alone(replace(ALICE, common=(common,)), reveal=reveal)
    assert ("Replies are not flushed (3.2, 4.1)." in text) == (reveal is Reveal.HINTS)


@pytest.mark.parametrize("reveal", list(Reveal))
def test_the_teacher_s_disk_and_the_seed_are_for_nobody(reveal: Reveal) -> None:
    graded = replace(CLASS, reveal=reveal)
    verdict = replace(
        BYE_IN_LOWER_CASE.with_attempt(capture=f"{FOLDER}/evidence/4.1.pcap"),
        again=f"conformance check {FOLDER}/alice.py --only 4.1",
    )
    results: list[Result] = [
        replace(RESULTS[0], run=replace(ALICE, verdicts=(verdict,)), overrides=()),
        Result(CLASS.hand_ins[1], None, trouble=f"{FOLDER}/alice.java cannot be read",
               blame="suite"),
    ]  # fmt: skip
    text = page(graded, ALICE_STUDENT, grades(graded, results)[0], results)
    assert "/home/teacher" not in text
    assert str(ALICE.seed) not in text
    assert ("check YOUR_SERVER --only 4.1" in text) == (reveal is Reveal.HINTS)


def test_a_run_in_which_nothing_counted_is_open() -> None:
    text = page_alone(replace(ALICE, verdicts=ALICE.verdicts[-1:]))
    assert "Nothing that counts could be judged: still open." in text
    assert "No grade yet" in text


def test_an_interrupted_run_says_so() -> None:
    assert "The run was interrupted" in page_alone(replace(ALICE, interrupted=True))


@pytest.mark.parametrize(
    ("scale", "told"), [("percent", "Grade: 50.0 %"), ("A 50, F 0", "Grade: A (50.0 %)")]
)
def test_the_grade_is_of_the_class_s_scale(scale: str, told: str) -> None:
    run = replace(ALICE, verdicts=(replace(passed(LISTENS), possible=2),))
    assert told in page_alone(run, scale=scale)


@pytest.mark.parametrize("reveal", list(Reveal))
def test_a_hostile_class_is_text_and_nothing_else(reveal: Reveal) -> None:
    graded: Class = replace(WORST_CLASS, reveal=reveal)
    text = page(graded, WORST, grades(graded, WORST_RESULTS)[0], WORST_RESULTS)
    for line in text.split("\n"):
        assert line.isprintable(), line
        assert not line.lstrip().startswith("::"), line
        assert "##[" not in line
    text.encode()
    assert "\\u{202E}gnp.exe" in text


def test_a_flood_does_not_fill_the_page() -> None:
    flood = "z" * 1_000_000
    verdict = BYE_IN_LOWER_CASE.with_attempt(actual=flood, output=flood, reason=flood, hint=flood)
    text = page_alone(replace(NOISY, title=flood, verdicts=(verdict,)))
    assert len(text) < 20_000
