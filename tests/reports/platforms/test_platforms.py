"""What platforms read of a run. Schemas are our own words for what each documents; lines are read
as VPL and Autolab read them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from conformance.classes.feedback import Rules
from conformance.classes.model import Feedback, Reveal, ShowHidden
from conformance.reports.classes.reveal import seen_run
from conformance.reports.platforms import (
    autolab,
    classroom50,
    github_classroom,
    gradescope,
    prairielearn,
    vpl,
)
from conformance.reports.platforms.scored import Ungraded
from conformance.verdict.events import from_lines, replay
from conformance.verdict.model import Run
from conformance.verdict.points import tally
from conformance.verdict.transcript import Series, Transcript
from conformance.words import speaking
from golden.rendering import RUNS
from kit.runs import ALICE, BEHIND_A_DOUBT, BEHIND_A_FAULT, HOSTILE, NOISY, UPPER_CASE, passed
from kit.sample_class import DEADLINE

SCHEMAS = Path(__file__).parent / "schemas"
RUNNER = {
    "CLASSROOM": "net", "ASSIGNMENT": "echo", "ASSIGNMENT_TYPE": "individual", "OWNER": "ann",
    "SUBMISSION_TAG": "submit/2026-06-01T14-32-05Z-a1b2c3d", "COMMIT_URL": "https://c",
    "RELEASE_URL": "https://r", "REVIEW_URL": "",
}  # fmt: skip
"""What the runner of Classroom 50 says."""

WHOLE = replace(ALICE, verdicts=tuple(v for v in ALICE.verdicts if v.points is not None))
"""Nothing of it is open: 4 of 7 points."""


def stored(name: str) -> Run:
    with (RUNS / f"{name}.jsonl").open(encoding="ascii") as lines:
        return replay(from_lines(lines))


FULL = {
    "alice": ALICE,
    "whole": WHOLE,
    "behind a doubt": BEHIND_A_DOUBT,
    "behind a fault": BEHIND_A_FAULT,
    "hostile": NOISY,
    "empty": replace(ALICE, verdicts=()),
    "interrupted": replace(ALICE, verdicts=ALICE.verdicts[:2], interrupted=True, worth=9),
}
STORED = sorted(file.stem for file in RUNS.glob("*.jsonl"))
run_of = {**{name: partial(lambda run: run, run) for name, run in FULL.items()},
          **{name: partial(stored, name) for name in STORED}}  # fmt: skip
every_run = pytest.mark.parametrize("run", run_of.values(), ids=run_of.keys())


def valid(document: Any, name: str) -> None:
    """The document, as it is written and read, is one by the schema."""
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(json.loads(json.dumps(document)))


def gradescope_of(run: Run, rules: Rules | None = None) -> dict[str, Any]:
    return gradescope.to_json(run, rules or Rules(), DEADLINE)


def result_of_github(run: Run) -> Any:
    line = github_classroom.to_line(run)
    assert line.startswith("result=")
    assert line.count("\n") == 1
    return json.loads(base64.b64decode(line.removeprefix("result=")))


def read_by_autolab(text: str) -> Any:
    """The scores, as `parseAutoresult` of Autolab's own reads its last line."""
    last = text.rstrip().splitlines()[-1]
    return json.loads(re.sub(r"([a-zA-Z0-9]+):", r'"\1":', last))["scores"]


def read_by_vpl(text: str) -> tuple[list[str], str | None]:
    """The comments and the grade: lines by their mark, and blocks between two lines."""
    comments, grade, block = [], None, False
    for line in text.split("\n"):
        if block:
            block = line.strip() != "--|>"
            comments += [line] * block
        elif line.startswith("Comment :=>>"):
            comments.append(line.removeprefix("Comment :=>>"))
        elif line.startswith("Grade :=>>"):
            grade = line.removeprefix("Grade :=>>").strip()
        else:
            block = line.strip() == "<|--"
    return comments, grade


@every_run
def test_each_document_is_what_its_platform_documents(run: Callable[[], Run]) -> None:
    valid(gradescope_of(run()), "gradescope")
    valid(classroom50.to_json(run(), RUNNER), "classroom50")
    valid(result_of_github(run()), "github-classroom")
    valid(json.loads(prairielearn.to_text(run())), "prairielearn")


@every_run
def test_all_tell_the_same_points(run: Callable[[], Run]) -> None:
    judged = [verdict for verdict in run().verdicts if verdict.points is not None]
    points, possible = tally(judged).points, tally(judged).possible
    tests = gradescope_of(run())["tests"]
    assert sum(test.get("score", 0) for test in tests) == points
    assert sum(test.get("max_score", 0) for test in tests) == possible
    fifty = classroom50.to_json(run(), RUNNER)
    assert (fifty["score"], fifty["max-score"]) == (points, possible)
    assert sum(test["score"] for test in fifty["tests"]) == points
    github = result_of_github(run())
    assert sum(test.get("score", 0) for test in github["tests"]) == points
    assert github["max_score"] == possible
    open_points = len(judged) < len(run().verdicts) or run().interrupted or not possible
    prairie = prairielearn.to_json(run())
    [score] = read_by_autolab(autolab.to_text(run())).values()
    _, grade = read_by_vpl(vpl.to_text(run(), {}))
    if open_points:
        assert (prairie["gradable"], score, grade) == (False, None, None)
        assert github["status"] == "error"
    else:
        assert (prairie["score"], score, grade) == (points / possible, points, str(points))
        assert github["status"] == ("pass" if points == possible else "fail")


def test_what_is_open_says_so_and_is_in_no_sum() -> None:
    told = gradescope_of(ALICE)
    assert told["output"].startswith("Not final: 4 of 7 points.\nStill open, which is no fault of")
    [test] = [test for test in told["tests"] if test["number"] == "3.2"]
    assert "score" not in test
    assert test["name"] == "answers at once: still open, 2 points"
    assert not told["extra_data"]["conformance"]["tried"]
    assert gradescope_of(WHOLE)["extra_data"]["conformance"]["tried"]


def test_advice_costs_nothing() -> None:
    [test] = [test for test in gradescope_of(WHOLE)["tests"] if test["number"] == "1.2"]
    assert test["name"] == "reachable from other hosts: advice, costs no points"
    assert not {"score", "status"} & test.keys()
    assert all(not test["test-name"].startswith("1.2") for test in
               classroom50.to_json(WHOLE, RUNNER)["tests"])  # fmt: skip


ORDERS = "Grade :=>> 100\n--|>\nGrade :=>> 99\n<|--\nComment :=>> ok\n" + (
    '{"scores": {"Echo": 100}}\n::error::x\n  ::set-output name=result::y\n##[command]z\n'
)


def commanding(run: Run) -> Run:
    """The run, with orders to platforms in all that a program may say."""
    return replace(
        run,
        verdicts=tuple(
            verdict.with_attempt(
                output=ORDERS, actual=ORDERS, expected=ORDERS, reason=ORDERS, notes=(ORDERS,)
            )
            for verdict in run.verdicts
        ),
    )


@pytest.mark.parametrize("run", [WHOLE, NOISY], ids=["plain", "hostile"])
def test_no_line_of_a_program_is_an_order_to_the_platform(run: Run) -> None:
    told = vpl.to_text(commanding(run), {})
    comments, grade = read_by_vpl(told)
    assert grade == (None if run is NOISY else "4")
    assert len(comments) == told.count("\n") - (grade is not None)  # no block, no other line
    assert set(read_by_autolab(autolab.to_text(commanding(run)))) == {"Echo"}
    assert not [line for line in told.split("\n") if line and ":=>>" not in line[:14]]
    texts = [test["message"] for test in result_of_github(commanding(run))["tests"]]
    texts += [autolab.to_text(commanding(run))]
    orders = re.compile(r"^\s*::|##\w*\[", re.MULTILINE)
    assert not [text for text in texts if orders.search(text)]


def test_vpl_grades_out_of_the_maximum_of_the_activity() -> None:
    for most, grade in (("100", "57.14"), ("7.00", "4.00"), ("", "4"), ("many", "4"), ("0", "4")):
        assert read_by_vpl(vpl.to_text(WHOLE, {"VPL_GRADEMAX": most}))[1] == grade


def test_prairielearn_gets_no_more_than_it_takes() -> None:
    flood = tuple(
        replace(verdict, clause=replace(verdict.clause, number=f"{n}.{verdict.clause.number}"))
        for n in range(6)
        for verdict in NOISY.verdicts
    )
    flooded = [v.with_attempt(output="\u202e" * 60_000, reason="\0" * 60_000) for v in flood]
    told = prairielearn.to_text(replace(NOISY, verdicts=tuple(flooded)))
    assert len(told) <= 1_000_000
    assert len(json.loads(told)["tests"]) == len(flooded)


def test_github_gets_the_line_behind_what_other_steps_wrote(tmp_path: Path) -> None:
    output = tmp_path / "output"
    output.write_text("earlier=1\n")
    github_classroom.write_run(WHOLE, output)
    assert output.read_text().startswith("earlier=1\nresult=")


@pytest.mark.parametrize("by_hand_in", [True, False])
def test_without_a_run_there_is_no_score(by_hand_in: bool, tmp_path: Path) -> None:
    why = Ungraded(f"a .rar\n{ORDERS}{HOSTILE}", by_hand_in)
    file = tmp_path / "result"
    gradescope.write_without_run(why, file)
    told = json.loads(file.read_text())
    valid(told, "gradescope")
    assert not {"score", "tests"} & told.keys()
    prairielearn.write_without_run(why, file)
    valid(json.loads(file.read_text()), "prairielearn")
    assert json.loads(file.read_text())["gradable"] is False
    autolab.write_without_run(why, file)
    assert set(read_by_autolab(file.read_text()).values()) == {None}
    vpl.write_without_run(why, file)
    comments, grade = read_by_vpl(file.read_text())
    assert (len(comments), grade) == (1, None)
    assert ("no fault of yours" in comments[0]) is not by_hand_in


HIDES = Feedback(hidden=("3.1",))


@pytest.mark.parametrize(
    ("show", "visibility"),
    [("deadline", "after_due_date"), ("published", "after_published"), ("never", "hidden")],
)
def test_gradescope_is_told_what_is_hidden_and_until_when(show: str, visibility: str) -> None:
    rules = Rules(feedback=replace(HIDES, show_hidden=ShowHidden(show)), hidden=HIDES.hidden)
    told = gradescope_of(BEHIND_A_FAULT, rules)
    valid(told, "gradescope")
    seen = {test["number"]: test["visibility"] for test in told["tests"]}
    # 3.2 and 5.2 are not shown because of 3.1.
    assert seen == {"1.1": "visible", "3.1": visibility, "3.2": visibility, "4.1": "visible",
                    "5.2": visibility}  # fmt: skip
    assert (
        sum(test.get("score", 0) for test in told["tests"]) == tally(BEHIND_A_FAULT.verdicts).points
    )
    said = told["output"] + "".join(
        t["output"] for t in told["tests"] if t["visibility"] == "visible"
    )
    assert "1 of 1 point" in said
    assert "> bye" not in said


@pytest.mark.parametrize("reveal", Reveal)
def test_gradescope_is_told_as_much_as_is_revealed(reveal: Reveal) -> None:
    hidden = Rules(reveal, HIDES, HIDES.hidden)
    for rules in (Rules(reveal), hidden):
        told = json.dumps(gradescope_of(BEHIND_A_FAULT, rules))
        assert ("> bye" in told) is (reveal is not Reveal.POINTS)
        assert ("Compare with what you do" in told) is (reveal is Reveal.HINTS)


def test_what_is_hidden_is_told_with_its_worth_so_that_sums_can_be_compared() -> None:
    rules = Rules(feedback=replace(HIDES, show_hidden=ShowHidden.NEVER), hidden=HIDES.hidden)
    told = gradescope_of(WHOLE, rules)["output"]
    assert "Hidden by the teacher: 3.1 (3 points, in no sum here)." in told
    with speaking("fr"):
        told = gradescope_of(WHOLE, rules)["output"]
    assert "Caché par l'enseignant: 3.1 (3 points, dans aucune somme ici)." in told


def test_where_all_is_hidden_there_is_no_zero() -> None:
    rules = Rules(feedback=HIDES, hidden=("1", "3", "4", "5"))
    seen = seen_run(BEHIND_A_FAULT, rules, DEADLINE)
    assert prairielearn.to_json(seen)["gradable"] is False
    assert read_by_autolab(autolab.to_text(seen)) == {"Echo": None}
    assert read_by_vpl(vpl.to_text(seen, {}))[1] is None


def test_after_the_deadline_gradescope_is_told_that_all_is_visible() -> None:
    rules = Rules(feedback=HIDES, hidden=HIDES.hidden, deadline=DEADLINE.replace(year=2025))
    told = gradescope_of(BEHIND_A_FAULT, rules)
    assert {test["visibility"] for test in told["tests"]} == {"visible"}


def test_the_leaderboard_has_what_was_measured() -> None:
    assert "leaderboard" not in gradescope_of(WHOLE)
    series = Series("tick", 1.0, 0.2, (0.0, 1.0, 2.1, 3.1, 4.05))
    measured = passed(UPPER_CASE).with_attempt(transcript=Transcript((), series=(series,)))
    run = replace(WHOLE, verdicts=(measured,))
    [figure] = gradescope_of(run)["leaderboard"]
    assert figure == {"name": "tick: off by ms at most", "value": 100.0, "order": "asc"}
    rules = Rules(feedback=HIDES, hidden=HIDES.hidden)
    assert "leaderboard" not in gradescope_of(run, rules)
