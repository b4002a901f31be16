"""`conformance alike`: of which class, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.cli import main

REPOSITORY = Path(__file__).parents[2]
SAMPLES = REPOSITORY / "student_submissions"
GRADED = REPOSITORY / "tests/golden/class/results"


def call(*words: object) -> Result:
    return CliRunner().invoke(main, ["alike", *map(str, words)])


@pytest.fixture
def entries(tmp_path: Path) -> Path:
    """A folder with an entry for each student, of whom two handed in the same."""
    folder = tmp_path / "entries"
    folder.mkdir()
    text = (SAMPLES / "alice.py").read_text(encoding="utf-8")
    for name in ("ann", "bob"):
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return folder


def test_a_folder_of_entries_is_compared_and_left_as_it_was(entries: Path) -> None:
    before = {file: file.stat().st_mtime_ns for file in entries.rglob("*")}
    done = call(entries, "--lab", "echo")
    assert done.exit_code == 0
    assert "ann and bob" in done.output
    assert {file: file.stat().st_mtime_ns for file in entries.rglob("*")} == before


def test_what_was_handed_out_is_taken_off(entries: Path, tmp_path: Path) -> None:
    json_file = tmp_path / "alike.json"
    done = call(entries, "--lab", "echo", "--base", SAMPLES / "alice.py", "--json", json_file)
    assert "none are similar" in done.output
    assert json.loads(json_file.read_text())["labs"][0]["pairs"] == []


def test_what_is_not_graded_is_compared_and_whoever_it_is_of_has_a_name(tmp_path: Path) -> None:
    """Somebody with two entries, and an entry of nobody, all of them copies."""
    text = (SAMPLES / "hugo.java").read_text(encoding="utf-8")
    entries = tmp_path / "in"
    for name in ("ann.java", "cy/Server.java", "cy.java", "stray.java"):
        (entries / name).parent.mkdir(parents=True, exist_ok=True)
        (entries / name).write_text(text, encoding="utf-8")
    (tmp_path / "roster.csv").write_text("id,name\nann,Ann Lee\ncy,Cy Doe\ndan,Dan\n")
    (tmp_path / "class.toml").write_text(
        'submissions = "in"\nroster = "roster.csv"\n[[lab]]\nname = "echo"\n'
    )
    json_file, page = tmp_path / "alike.json", tmp_path / "alike.html"
    done = call(tmp_path, "--json", json_file, "--html", page)
    shown = " ".join(done.output.split())
    assert "echo: 4 hand-ins compared" in shown
    assert "ann (Ann Lee) and cy, cy.java (Cy Doe)" in shown
    assert "ann (Ann Lee) and nobody's stray.java" in shown
    partners = {"cy, cy", "cy, cy.java", "nobody's stray.java", "ann"}
    pairs = json.loads(json_file.read_text())["labs"][0]["pairs"]
    among = [pair for pair in pairs if not pair["other_is_reference"]]
    assert {pair[side] for pair in among for side in ("one", "other")} == partners
    assert "stray.java belongs to nobody in the roster" in shown
    assert "dan" not in shown, "nothing of dan is there"
    for told in (json_file.read_text(), page.read_text()):
        assert "stray.java belongs to nobody" in told
        assert "Ann Lee" in told


def test_pairs_with_a_reference_stand_apart_and_names_are_whole(tmp_path: Path) -> None:
    entries = tmp_path / "entries"
    entries.mkdir()
    text = (SAMPLES / "hugo.java").read_text(encoding="utf-8")
    reference = next(REPOSITORY.glob("reference_servers/echo/java/*.java"))
    names = ("somebody-with-a-long-name", "another-with-a-long-name")
    for name in names:
        (entries / f"{name}.java").write_text(text, encoding="utf-8")
    (entries / "copied.java").write_text(reference.read_text(encoding="utf-8"), encoding="utf-8")
    done = call(entries, "--lab", "echo")
    hand_ins, told, references = done.output.partition("similar to a reference")
    assert told
    assert "hand-ins that are similar" in hand_ins
    assert "reference java/" not in hand_ins
    assert f"reference java/{reference.name}" in references
    assert all(name in hand_ins for name in names)
    assert "…" not in done.output


def test_a_class_that_was_graded_is_compared_lab_by_lab(tmp_path: Path) -> None:
    told = (GRADED / "class.jsonl").read_text(encoding="ascii")
    assert "/tmp/class/submissions" in told
    here = str(GRADED.parent / "submissions")
    (tmp_path / "class.jsonl").write_text(told.replace("/tmp/class/submissions", here))
    done = call(tmp_path, "--lab", "echo")
    assert done.exit_code == 0
    assert "echo: 4 hand-ins compared" in done.output
    assert "presence" not in done.output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([SAMPLES], "which lab is"),
        ([GRADED, "--lab", "ehco"], "the class is not graded for 'ehco'"),
        ([SAMPLES / "nobody"], "there is no file or folder"),
        ([SAMPLES, "--lab", "echo", "--html", "/no/such/page.html"], "there is no folder"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_a_sentence(words: list[object], told: str) -> None:
    done = call(*words)
    assert done.exit_code == 2
    assert told in done.output
