"""What a student reads of one run where `--feedback` says what it may be, and what platforms are
told where there is no run."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from conformance.cli import main
from conformance.sandbox import Isolation, Tier
from conformance.verdict.model import Run
from golden.rendering import RUNS
from kit.desk import Desk
from kit.runs import ALICE

BAD = RUNS / "echo-bad.jsonl"
METADATA = {
    "created_at": "2026-11-20T14:00:00-08:00",
    "previous_submissions": [
        {
            "submission_time": f"2026-11-20T13:{minute}:00.123456-08:00",
            "score": float(score),
            "results": {
                "output": f"the results of 13:{minute}",
                "tests": [{"name": "3.1", "score": score, "max_score": 3}],
                "extra_data": {"conformance": {"tried": tried}},
            },
        }
        for minute, score, tried in ((50, 2, True), (58, 0, False), (40, 3, True))
    ],
}
"""Tries at 13:40 and 13:50; one at 13:58 was not judged."""


def call(*words: object) -> Result:
    return CliRunner().invoke(main, list(map(str, words)), env={"COLUMNS": "100"})


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def feedback(tmp_path: Path) -> Path:
    return written(tmp_path / "feedback.toml", 'hidden = ["3"]\ncooldown = "15m"\n')


def test_what_is_hidden_is_in_no_format_and_not_on_the_console(
    feedback: Path, tmp_path: Path
) -> None:
    names = {
        "--json": "run.json", "--junit": "junit.xml", "--classroom50": "fifty.json",
        "--prairielearn": "prairie.json", "--autolab": "autolab.txt", "--vpl": "vpl.txt",
        "--html": "page.html", "--tap": "run.tap", "--ctrf": "ctrf.json",
    }  # fmt: skip
    asked = [word for option, name in names.items() for word in (option, tmp_path / name)]
    done = call("report", BAD, "--feedback", feedback, *asked)
    told = {name: (tmp_path / name).read_text(encoding="utf-8") for name in names.values()}
    told["console"] = done.output
    for secret in ("HFJPMABHXM", "keeps accents: expected"):
        assert not [name for name, text in told.items() if secret in text]
    assert "hidden by the teacher" in told["console"]
    assert "hidden by the teacher" in told["vpl.txt"]
    assert json.loads(told["fifty.json"])["max-score"] == 11  # of 17, without section 3
    assert "Grade :=>> 1\n" in told["vpl.txt"]


def test_gradescope_is_given_all_of_it_with_its_visibility(feedback: Path, tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    call("report", BAD, "--feedback", feedback, "--gradescope", results)
    tests = json.loads(results.read_text())["tests"]
    assert {t["visibility"] for t in tests if t["number"].startswith("3.")} == {"after_due_date"}
    assert {t["visibility"] for t in tests if t["number"][0] in "124"} == {"visible"}


def test_it_is_refused_where_all_would_be_shown(feedback: Path) -> None:
    done = call("watch", feedback, "--lab", "echo", "--feedback", feedback)
    assert (done.exit_code, "`watch` shows all" in done.output) == (2, True)


def test_it_is_of_one_run(feedback: Path, tmp_path: Path) -> None:
    done = call("report", tmp_path, "--feedback", feedback)
    assert (done.exit_code, "--feedback is of a single run" in done.output) == (2, True)


def test_earlier_tries_are_nothing_without_limits(desk: Desk, tmp_path: Path) -> None:
    tries = written(tmp_path / "tries.json", json.dumps(METADATA))
    done = call("check", desk.echo(), "--lab", "echo", "--submission-metadata", tries)
    assert (done.exit_code, "give both" in done.output) == (2, True)


def refused(desk: Desk, feedback: Path, metadata: dict[str, Any], tmp_path: Path) -> Any:
    """What Gradescope is told of a try that comes too early."""
    results = tmp_path / "results.json"
    tries = written(tmp_path / "submission_metadata.json", json.dumps(metadata))
    done = call(
        "check", desk.echo(), "--lab", "echo", "--feedback", feedback,
        "--submission-metadata", tries, "--gradescope", results,
    )  # fmt: skip
    assert done.exit_code == 3, done.output
    return json.loads(results.read_text())


def test_a_try_too_early_keeps_the_results_of_the_last(
    desk: Desk, feedback: Path, tmp_path: Path
) -> None:
    told = refused(desk, feedback, METADATA, tmp_path)
    assert told["output"].startswith(
        "This hand-in was not judged: the next try is possible from 2026-11-20 14:05:00-08:00 on"
        " (15 min between two tries). Until then the former result stands.\nthe results of 13:50"
    )
    assert told["tests"] == [{"name": "3.1", "score": 2, "max_score": 3}]
    assert told["extra_data"]["conformance"]["tried"] is False


def test_tries_of_a_day_are_counted(desk: Desk, tmp_path: Path) -> None:
    rules = written(tmp_path / "feedback.toml", "attempts_per_day = 2\n")
    told = refused(desk, rules, METADATA, tmp_path)
    assert "from 2026-11-21 13:40:00-08:00 on (at most 2 in 24 hours)" in told["output"]


@pytest.mark.parametrize("metadata", ["", "[]", '{"created_at": "2026-11-20T14:00:00"}'])
def test_metadata_that_cannot_be_read_is_no_fault_of_the_student(
    metadata: str, desk: Desk, feedback: Path, tmp_path: Path
) -> None:
    results, tries = tmp_path / "results.json", written(tmp_path / "tries.json", metadata)
    done = call(
        "check", desk.echo(), "--lab", "echo", "--feedback", feedback,
        "--submission-metadata", tries, "--gradescope", results,
    )  # fmt: skip
    assert done.exit_code == 2
    assert "no fault of yours: the call is wrong" in json.loads(results.read_text())["output"]


class BrokenError(Exception):
    """A mistake of the suite's own."""


def test_a_failure_of_the_suite_is_nobodys_zero(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(*_: object, **__: object) -> None:
        raise BrokenError("/secret/path of the suite")

    monkeypatch.setattr("conformance.run.check.check", check)
    monkeypatch.setattr("conformance.sandbox.probe", lambda: Isolation(Tier.NONE))
    results, lines = tmp_path / "results.json", tmp_path / "autolab.txt"
    done = call("check", desk.echo(), "--lab", "echo", "--gradescope", results, "--autolab", lines)
    assert done.exit_code == 3
    told = json.loads(results.read_text())
    assert "no fault of yours: the suite or the machine failed" in told["output"]
    assert not {"score", "tests"} & told.keys()
    assert lines.read_text().splitlines()[-1] == '{"scores": {"Echo": null}}'
    assert "/secret" not in results.read_text() + lines.read_text()


def test_what_cannot_be_recognised_is_told_as_that_and_a_wrong_call_is_not(
    desk: Desk, tmp_path: Path
) -> None:
    report = desk.program("no program\n", name="report.txt")
    results = desk.reports / "results.json"
    recognised = desk.call("check", report, "--lab", "echo", "--prairielearn", results)
    told = json.loads(results.read_text())
    assert (recognised.status, told["gradable"]) == (2, False)
    assert "This could not be started, and was not judged: " in told["message"]
    wrong = desk.call("check", report, "--lab", "ecco", "--prairielearn", results)
    assert wrong.status == 2
    assert "no fault of yours: the call is wrong" in json.loads(results.read_text())["message"]


def test_gradescope_has_results_while_the_run_goes_on(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results, seen = tmp_path / "results.json", []

    def check(
        *_: object, began: Callable[..., None], told: Callable[..., None], **__: object
    ) -> Run:
        began(replace(ALICE, verdicts=(), interrupted=True), ["1.1", "1.2"])
        for verdict in ALICE.verdicts[:2]:
            told(verdict)
            seen.append(json.loads(results.read_text()))
        return ALICE

    monkeypatch.setattr("conformance.run.check.check", check)
    monkeypatch.setattr("conformance.sandbox.probe", lambda: Isolation(Tier.NONE))
    call("check", desk.echo(), "--lab", "echo", "--gradescope", results)
    assert [len(each["tests"]) for each in seen] == [1, 2]
    assert "The run was interrupted" in seen[0]["output"]
    assert len(json.loads(results.read_text())["tests"]) == len(ALICE.verdicts)
