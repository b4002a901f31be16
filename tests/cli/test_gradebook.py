"""`conformance gradebook`: what it refuses, and what it writes where."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.cli import main

GOLDEN = Path(__file__).parents[1] / "golden/class"
CANVAS = (GOLDEN / "gradebooks/canvas.csv").read_bytes()


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A graded class, and beside it the export of its gradebook."""
    shutil.copytree(GOLDEN / "results", tmp_path / "results")
    (tmp_path / "export.csv").write_bytes(CANVAS)
    return tmp_path / "results"


def call(results: Path, *words: object) -> Result:
    export = results.parent / "export.csv"
    call = ("gradebook", results, "--fill", export, *words)
    return CliRunner().invoke(main, list(map(str, call)))


def test_the_filled_file_stands_beside_the_export_which_stays(results: Path) -> None:
    done = call(results, "--lab", "echo")
    assert done.exit_code == 3  # one hand-in is open, and a cell holds EX
    assert (results.parent / "export.csv").read_bytes() == CANVAS
    filled = (results.parent / "export-filled.csv").read_bytes()
    assert b"ann,ann@example.org,A,7,," in filled


@pytest.mark.parametrize("name", ["export.csv", "results/../export.csv", "link.csv"])
def test_the_export_itself_is_never_written(results: Path, name: str) -> None:
    (results.parent / "link.csv").symlink_to("export.csv")
    done = call(results, "--lab", "echo", "--out", results.parent / name)
    assert done.exit_code == 2
    assert "is the export itself, which is only read" in done.output
    assert (results.parent / "export.csv").read_bytes() == CANVAS


def test_feedback_does_not_tell_what_is_hidden(results: Path) -> None:
    events = results / "class.jsonl"
    told = events.read_text(encoding="ascii")
    hidden = '"reveal":"hints","feedback":{"hidden":["3"],"show_hidden":"never"}'
    started, found, rest = told.partition('"reveal":"hints"')
    assert found
    events.write_text(f"{started}{hidden}{rest}", encoding="ascii")
    export = results.parent / "export.csv"
    export.write_bytes((GOLDEN / "gradebooks/moodle.csv").read_bytes())
    done = call(results, "--lab", "echo", "--feedback")
    assert "the grades count what" in done.output
    filled = (results.parent / "export-filled.csv").read_text("utf-8")
    [bob] = [line for line in filled.splitlines() if "bob@" in line]
    assert '",4,"7,00"' in bob
    assert "3.1" not in bob
    assert "echo: 1 of 7 points; 6 points hidden" in bob


def test_feedback_is_in_the_language_of_the_class(results: Path) -> None:
    events = results / "class.jsonl"
    told = events.read_text(encoding="ascii")
    assert told.count('"reveal":"hints"') == 1
    french = told.replace('"reveal":"hints"', '"reveal":"hints","lang":"fr"')
    events.write_text(french, encoding="ascii")
    export = results.parent / "export.csv"
    export.write_bytes((GOLDEN / "gradebooks/moodle.csv").read_bytes())
    done = call(results, "--lab", "echo", "--feedback")
    assert "6 grades of echo" in done.output
    filled = (results.parent / "export-filled.csv").read_text("utf-8")
    assert "echo: 4 de 7 points<br>3.1: 0/3" in filled
    assert "en retard de 2 jours: 20 % des points" in filled


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "the class is graded for echo, presence: name one of them with --lab"),
        (["--lab", "ehco"], "the class is not graded for 'ehco'; there are echo, presence"),
        (["--lab", "echo", "--column", "Presence"], "the column 'Presence (4712)' is worth 5"),
        (["--lab", "echo", "--feedback"], "this export of Canvas has no column for feedback"),
        (["--lab", "echo", "--out", "/no/such/folder/x.csv"], "there is no folder"),
    ],
)
def test_what_cannot_be_filled_is_refused_in_a_sentence(
    results: Path, words: list[str], told: str
) -> None:
    done = call(results, *words)
    assert done.exit_code == 2
    assert told in done.output
    assert "Traceback" not in done.output
    assert not (results.parent / "export-filled.csv").exists()


def test_a_folder_without_a_class_is_refused(results: Path) -> None:
    (results / "class.jsonl").unlink()
    done = call(results)
    assert done.exit_code == 2
    assert "holds no graded class" in done.output


def test_what_a_student_calls_himself_steers_no_terminal(results: Path) -> None:
    name = "\x1b]0;x\x07\u202eZoe".encode()
    (results.parent / "export.csv").write_bytes(CANVAS.replace("Zeller, Zoë".encode(), name))
    done = call(results, "--lab", "echo")
    assert "Zoe" in done.output
    assert "\x1b" not in done.output
    assert "\u202e" not in done.output
