"""`conformance diff` as it is called, on stored runs and a stored class."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.cli import main
from golden.rendering import RUNS, copied_results


def diff(*words: object) -> Result:
    return CliRunner().invoke(main, ["diff", *map(str, words)], env={"COLUMNS": "100"})


def test_two_runs_are_compared_clause_by_clause() -> None:
    done = diff(RUNS / "echo-good.jsonl", RUNS / "echo-bad.jsonl")
    assert done.exit_code == 1
    assert "4.1   hangs up after bye  not in the run → failed 0/3" in done.stdout
    assert "an older suite did not record all" in " ".join(done.stdout.split())


def test_a_run_differs_in_nothing_from_itself() -> None:
    done = diff(RUNS / "echo-bad.jsonl", RUNS / "echo-bad.jsonl")
    assert (done.exit_code, done.stdout) == (0, "Nothing differs (1 result).\n")


def test_every_stored_run_can_be_compared(tmp_path: Path) -> None:
    """Also one that was interrupted, one in which nothing could be judged, and an empty one."""
    began = (RUNS / "echo-good.jsonl").read_text().splitlines()[0]
    empty = tmp_path / "run.jsonl"
    empty.write_text(f"{began}\n")
    for run in RUNS.glob("echo-*.jsonl"):
        assert diff(tmp_path, run).exit_code in (0, 1), run


def test_a_class_and_a_copy_of_it_from_before_a_correction(tmp_path: Path) -> None:
    former = copied_results(tmp_path / "former")
    now = copied_results(tmp_path / "now")
    words = ["override", "bob", "echo", "3.1", "--points", "1", "--because", "half", "--out"]
    assert CliRunner().invoke(main, [*words, str(now)]).exit_code == 0
    done = diff(former, now, "--json", tmp_path / "diff.json")
    assert done.exit_code == 1
    told = json.loads((tmp_path / "diff.json").read_text())
    assert told["same"] == 11
    (change,) = told["changes"]
    assert (change["student"], change["lab"]) == ("bob", "echo")
    assert [clause["clause"] for clause in change["clauses"]] == ["3.1"]
    assert [why["factor"] for why in change["why"]] == ["by hand"]
    assert "half" in done.stdout


def test_json_goes_to_stdout_alone(tmp_path: Path) -> None:
    done = diff(RUNS / "echo-good.jsonl", RUNS / "echo-bad.jsonl", "--json", "-")
    assert json.loads(done.stdout)["schema"] == "conformance.diff/1"


def test_a_class_that_nothing_has_changed_in(tmp_path: Path) -> None:
    done = diff(copied_results(tmp_path))
    first, second, *_ = done.stdout.splitlines()
    assert done.exit_code == 0
    assert first == "No regrading has changed anything."
    assert second == "Corrected by hand:", "the stored class has corrections"


REASON = (
    "your handout and the contract differ in this, and we accept both of them, as we said at the"
    " appeal"
)


def test_what_was_corrected_by_hand_stands_below_what_regradings_have_changed(
    tmp_path: Path,
) -> None:
    results = copied_results(tmp_path)
    words = ["override", "bob", "echo", "3.1", "--points", "1", "--because", REASON, "--out"]
    assert CliRunner().invoke(main, [*words, str(results)]).exit_code == 0
    told = " ".join(diff(results).stdout.split())
    assert f"bob · echo 3.1: 1 point, because {REASON}" in told
    listed = json.loads(diff(results, "--json", "-").stdout)["corrections"]
    assert (listed[-1]["student"], listed[-1]["because"]) == ("bob", REASON)


def test_the_reason_of_a_correction_is_told_whole_and_so_is_how_it_ended(tmp_path: Path) -> None:
    former, now = (copied_results(tmp_path / name) for name in ("former", "now"))
    words = ["override", "bob", "echo", "3.1", "--because", REASON, "--out"]
    assert CliRunner().invoke(main, [*words, str(now), "--points", "1"]).exit_code == 0
    assert REASON in " ".join(diff(former, now).stdout.split())
    shutil.rmtree(former)
    shutil.copytree(now, former)
    assert CliRunner().invoke(main, [*words, str(now), "--withdraw"]).exit_code == 0
    assert "the correction: it was withdrawn)" in " ".join(diff(former, now).stdout.split())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("CLASS", "RUN"), "not one of each"),
        (("RUN", "OTHER"), "two labs"),
        (("RUN",), "is no folder of a class"),
        (("EMPTY", "RUN"), "neither a class nor a run"),
        (("BROKEN", "RUN"), "is damaged"),
    ],
)
def test_what_cannot_be_compared_is_a_sentence(
    words: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    places = {
        "CLASS": copied_results(tmp_path),
        "RUN": RUNS / "echo-good.jsonl",
        "OTHER": RUNS / "presence-bad.jsonl",
        "EMPTY": tmp_path,
        "BROKEN": tmp_path / "broken.jsonl",
    }
    places["BROKEN"].write_text('{"event":"run"}\n{"event":"basis","work":7}\n')
    done = diff(*(places[word] for word in words))
    assert done.exit_code == 2
    assert told in done.stderr
    assert "Traceback" not in done.output


@pytest.mark.parametrize("value", ["x", [], {"a": 1}, 1e400])
def test_a_run_with_values_of_another_type_is_a_sentence(value: object, tmp_path: Path) -> None:
    lines = (RUNS / "echo-bad.jsonl").read_text().splitlines()
    run = tmp_path / "run.jsonl"
    for field in ("points", "max_points", "seconds", "outcome", "level", "requirement"):
        verdict = {**json.loads(lines[1]), field: value}
        run.write_text("\n".join([lines[0], json.dumps(verdict), *lines[2:]]) + "\n")
        done = diff(RUNS / "echo-bad.jsonl", run)
        assert isinstance(done.exception, SystemExit | None), (field, done.exception)
        assert done.exit_code in (0, 1, 2)


def test_names_of_strangers_move_no_cursor(tmp_path: Path) -> None:
    run = tmp_path / "run.jsonl"
    hostile = (RUNS / "echo-bad.jsonl").read_text()
    hostile = hostile.replace('"submission":"echo"', '"submission":"\\u001b[2J::error::x"', 1)
    run.write_text(hostile)
    done = diff(RUNS / "echo-good.jsonl", run)
    assert "\x1b" not in done.output
    assert not [line for line in done.output.splitlines() if line.lstrip().startswith("::")]
