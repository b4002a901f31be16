"""The results of a class, graded before, are rendered as they always were, and go on.

    REWRITE_GOLDEN=1 pytest tests/golden

writes the expected renderings anew; what has changed is then to be seen in `git diff`.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from golden.rendering import CLASS, copied_results, grade, render_class, require_same

EXPECTED = CLASS / "expected"


def test_a_class_is_rendered_as_before(tmp_path: Path) -> None:
    require_same(render_class(copied_results(tmp_path)), EXPECTED / "hints")


@pytest.mark.parametrize("reveal", ["points", "evidence"])
def test_a_student_may_read_as_much_as_before(reveal: str, tmp_path: Path) -> None:
    rendered = render_class(copied_results(tmp_path, reveal=reveal))
    theirs = {name: data for name, data in rendered.items() if name.startswith("students/bob")}
    require_same(theirs, EXPECTED / reveal)


def test_students_read_the_language_of_the_class(tmp_path: Path) -> None:
    rendered = render_class(copied_results(tmp_path, language="fr"))
    some = ("students/bob.", "students/cleo.")
    theirs = {name: data for name, data in rendered.items() if name.startswith(some)}
    require_same(theirs, EXPECTED / "french")
    others = {name: data for name, data in rendered.items() if not name.startswith("students/")}
    for name, data in others.items():
        assert data == (EXPECTED / "hints" / name).read_bytes(), name


def test_a_class_is_rendered_in_the_language_asked_for(tmp_path: Path) -> None:
    rendered = render_class(copied_results(tmp_path, language="fr"), "--lang", "en")
    require_same(rendered, EXPECTED / "hints")


def test_a_class_that_was_graded_before_goes_on(tmp_path: Path) -> None:
    results = copied_results(tmp_path)
    history = (results / "class.jsonl").read_bytes()
    for name in ("class.toml", "roster.csv"):
        shutil.copy(CLASS / name, tmp_path)
    shutil.copytree(CLASS / "submissions", tmp_path / "submissions")

    graded = grade(tmp_path / "class.toml", results)

    assert graded.returncode == 3, graded.stderr  # one could not be started, as before
    assert (results / "class.jsonl").read_bytes().startswith(history)
    grades = EXPECTED / "hints" / "grades.csv"  # people, points, lateness and corrections
    assert (results / "grades.csv").read_text("utf-8") == grades.read_text("utf-8")
    for run in CLASS.glob("results/runs/*/*.jsonl"):
        former, now = (_began(file) for file in (run, results / run.relative_to(CLASS / "results")))
        assert now["seed"] == former["seed"]


def _began(run: Path) -> dict[str, object]:
    """How a run of a class began, behind the line that says what it rests on."""
    _, began, *_ = run.read_text(encoding="ascii").splitlines()
    told: dict[str, object] = json.loads(began)
    assert told["event"] == "run"
    return told
