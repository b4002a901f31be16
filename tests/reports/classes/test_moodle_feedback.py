"""The zip of feedback files, read as Moodle's importer reads it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.classes.model import Class, HandIn, LabPlan, Student
from conformance.cli import main
from conformance.reports.classes.moodle_feedback import feedback_zip
from conformance.verdict.model import WrongCall
from golden.rendering import copied_results

ENTRIES = Path("/home/teacher/echo")
ANN, BOB = Student("ann", "Ann Smith"), Student("bob", "Bob_ O'Neil/é")


def entry(name: str) -> Path:
    return ENTRIES / name


def class_of(paths: Mapping[Student, Path | None], lab: str = "echo") -> Class:
    hand_ins = tuple(HandIn(s.group or s.id, lab, path) for s, path in paths.items())
    return Class("A class", tuple(paths), (LabPlan(lab),), tuple(dict.fromkeys(hand_ins)))


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    for name in ("ann", "bob", "zoe"):
        (tmp_path / f"{name}.txt").write_text(f"page of {name}")
        (tmp_path / f"{name}.xml").write_text("not for them")
    (tmp_path / "ann.html").write_text("<p>page of ann")
    return tmp_path


def taken_by_moodle(zipped: bytes, numbers: set[int]) -> dict[int, dict[str, bytes]]:
    """The files that each participant gets: the first part of a path that names one counts."""
    taken: dict[int, dict[str, bytes]] = {}
    with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
        for path in archive.namelist():
            parts = path.split("/")
            assert not parts[-1].startswith((".", "~"))
            for place, part in enumerate(parts):
                pieces = part.split("_", 4)
                if len(pieces) < 4 or not pieces[1].isdecimal() or int(pieces[1]) not in numbers:
                    continue
                assert pieces[2:4] == ["assignsubmission", "file"]
                inner = "/".join([*pieces[4:], *parts[place + 1 :]])
                taken.setdefault(int(pieces[1]), {})[inner.lstrip("/")] = archive.read(path)
                break
    return taken


def test_each_participant_gets_the_own_pages(pages: Path) -> None:
    graded = class_of({
        ANN: entry("Ann Smith_4711_assignsubmission_file_"),
        BOB: entry("Bob O Neil_4712_assignsubmission_file_server.py"),
    })  # fmt: skip
    zipped, left_out = feedback_zip(graded, pages, None)
    assert left_out == []
    assert taken_by_moodle(zipped, {4711, 4712}) == {
        4711: {"feedback.txt": b"page of ann", "feedback.html": b"<p>page of ann"},
        4712: {"feedback.txt": b"page of bob"},
    }
    assert feedback_zip(graded, pages, "echo")[0] == zipped  # the same each time


def test_what_a_student_has_named_is_nobody(pages: Path) -> None:
    """A folder within the hand-in, or a file of it, called like another's entry."""
    own = "Ann Smith_4711_assignsubmission_file_"
    for inner in (f"{own}/Bob_4712_assignsubmission_file_/echo",
                  f"{own}Bob_4712_assignsubmission_file_a.py"):  # fmt: skip
        zipped, _ = feedback_zip(class_of({ANN: entry(inner)}), pages, None)
        assert set(taken_by_moodle(zipped, {4711, 4712})) == {4711}


def test_who_is_in_doubt_is_left_out_and_told(pages: Path) -> None:
    zoe, dan = Student("zoe"), Student("dan")
    graded = class_of({
        ANN: entry("Ann Smith_4711_assignsubmission_file_"),
        BOB: entry("X_4712_assignsubmission_file_"),
        zoe: entry("Y_4712_assignsubmission_file_"),
        dan: None,
    })  # fmt: skip
    zipped, left_out = feedback_zip(graded, pages, None)
    assert set(taken_by_moodle(zipped, {4711, 4712})) == {4711}
    assert left_out == [
        "bob: others have the number 4712, too",
        "zoe: others have the number 4712, too",
        "dan: no entry says which participant this is",
    ]


def test_of_a_group_only_whoever_the_entry_names_gets_a_page(pages: Path) -> None:
    ann, bob = Student("ann", "Ann Smith", "g1"), Student("bob", "Bob Ross", "g1")
    path = entry("Ann Smith_4711_assignsubmission_file_")
    zipped, left_out = feedback_zip(class_of({ann: path, bob: path}), pages, None)
    taken = taken_by_moodle(zipped, {4711})
    assert taken[4711]["feedback.txt"] == b"page of ann"
    assert left_out == ["bob: no entry says which participant this is"]


def test_of_several_assignments_one_has_to_be_named(pages: Path) -> None:
    names = {"echo": "Ann_1_assignsubmission_file_", "presence": "Ann_2_assignsubmission_file_"}
    hand_ins = tuple(HandIn("ann", lab, entry(name)) for lab, name in names.items())
    graded = Class("A class", (ANN,), (LabPlan("echo"), LabPlan("presence")), hand_ins)
    with pytest.raises(WrongCall, match="name one of echo, presence with --moodle-lab"):
        feedback_zip(graded, pages, None)
    assert set(taken_by_moodle(feedback_zip(graded, pages, "presence")[0], {1, 2})) == {2}
    with pytest.raises(WrongCall, match="not graded for 'roulette'"):
        feedback_zip(graded, pages, "roulette")


def test_report_writes_it(tmp_path: Path) -> None:
    results, file = copied_results(tmp_path), tmp_path / "feedback.zip"
    events = results / "class.jsonl"
    told = events.read_text(encoding="ascii")
    assert "/echo/bob.py" in told
    named = told.replace("/echo/bob.py", "/echo/Bob_4712_assignsubmission_file_")
    events.write_text(named, encoding="ascii")
    done = CliRunner().invoke(main, ["report", str(results), "--moodle-feedback", str(file)])
    [pages] = taken_by_moodle(file.read_bytes(), {4712}).values()
    assert pages["feedback.txt"] == (results / "students/bob.txt").read_bytes()
    assert "no feedback for " in done.output


def test_without_entries_of_moodle_there_is_none(tmp_path: Path) -> None:
    file = tmp_path / "feedback.zip"
    words = ["report", str(copied_results(tmp_path)), "--moodle-feedback", str(file)]
    done = CliRunner().invoke(main, words)
    assert (done.exit_code, file.exists()) == (2, False)
    told = " ".join(done.output.split())
    assert "has the name that Moodle gives, such as Ann Smith_4711_assignsubmission_file_" in told
    assert "“Download all submissions”" in told


def test_a_name_leads_nowhere(pages: Path) -> None:
    graded = class_of({ANN: entry("..\\..\\C:*\u202eAnn_4711_assignsubmission_file_")})
    zipped, _ = feedback_zip(graded, pages, None)
    with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
        assert not [path for path in archive.namelist() if set("\\:*\u202e") & set(path)]
    assert set(taken_by_moodle(zipped, {4711})) == {4711}
