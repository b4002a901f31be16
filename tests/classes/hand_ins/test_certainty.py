"""Who has handed in nothing for certain, and of whom that is open: a zero is never a guess."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.classes.class_file import open_class
from conformance.classes.hand_ins.collect import EMPTY, EMPTY_UNCLAIMED, SIMILAR_NAME, UNCLAIMED
from conformance.classes.model import Class, HandIn
from conformance.contract.catalog import load

CATALOG = load()
ECHO = '[[lab]]\nname = "echo"\n'
TIME = '[[lab]]\nname = "streaming-time"\n'
ROSTER = "id,name\nann,Ann Smith\nbob,Bob Lee\n"
METADATA = "submission_metadata.yml"


def class_of(
    folder: Path, *names: str, more: str = "", labs: str = ECHO, roster: str = ROSTER,
    files: dict[str, str] | None = None,
) -> Class:  # fmt: skip
    """A class of two with these entries; a name that ends in a slash is an empty folder."""
    (folder / "in").mkdir(exist_ok=True)
    for name, content in {**dict.fromkeys(names, ""), **(files or {})}.items():
        path = folder / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir() if name.endswith("/") else path.write_text(content)
    (folder / "roster.csv").write_text(roster)
    head = 'roster = "roster.csv"\nsubmissions = "in"\n' if roster else 'submissions = "in"\n'
    (folder / "class.toml").write_text(head + more + labs)
    return open_class(folder, (), CATALOG)


def of(found: Class, author: str, lab: str = "echo") -> HandIn:
    return next(h for h in found.hand_ins if (h.author, h.lab) == (author, lab))


def test_who_handed_in_nothing_where_all_have_an_owner(tmp_path: Path) -> None:
    found = class_of(tmp_path, "ann.py")
    assert of(found, "bob").is_absent
    assert not of(found, "ann").is_absent
    assert found.warnings == ()


@pytest.mark.parametrize(
    "stray",
    [
        "x77.py",
        "x77/main.c",
        "x77.rar",
        "x77.pdf",
        "Zed Kay_4711_assignsubmission_file_/s.py",
        "Zed Kay_4711_assignsubmission_onlinetext.html",
        "kayzed_12345_67890_report.pdf",
    ],
)
def test_while_an_entry_has_no_owner_nobody_is_absent_for_certain(
    stray: str, tmp_path: Path
) -> None:
    found = class_of(tmp_path, "ann.py", stray)
    bob = of(found, "bob")
    assert (bob.path, bob.problem, bob.missing) == (None, UNCLAIMED, True)
    assert not bob.is_absent
    assert not of(found, "ann").problem
    assert "1 entry has no owner, it is open whether 1 student without an" in found.warnings[-1]


def test_all_are_there_whatever_else_is(tmp_path: Path) -> None:
    """A stray entry is told, and leaves nothing open: nobody lacks one."""
    found = class_of(tmp_path, "ann.py", "bob.py", "x77.py")
    assert [hand_in.problem for hand_in in found.hand_ins] == ["", ""]
    assert found.warnings == ("x77.py belongs to nobody in the roster: not graded",)


def test_whose_name_is_nearly_that_of_an_entry_is_told_so(tmp_path: Path) -> None:
    found = class_of(tmp_path, "ann.py", "Bobby Lee_13_assignsubmission_file_/s.py")
    assert (of(found, "bob").problem, of(found, "bob").missing) == (SIMILAR_NAME, True)


@pytest.mark.parametrize("name", ["README.md", "points.xlsx", "old.toml", "roster.csv", "a.log"])
def test_lists_of_the_teacher_leave_nothing_open(name: str, tmp_path: Path) -> None:
    assert of(class_of(tmp_path, "ann.py", name), "bob").is_absent


def test_what_the_class_ignores_leaves_nothing_open(tmp_path: Path) -> None:
    more = 'ignore = ["handout.pdf", "solution.py"]\n'
    found = class_of(tmp_path, "ann.py", "handout.pdf", "solution.py", more=more)
    assert of(found, "bob").is_absent
    assert found.warnings == ()


def test_a_stray_entry_of_one_lab_leaves_the_other_alone(tmp_path: Path) -> None:
    labs = f'{ECHO}folder = "echo"\n{TIME}folder = "time"\n'
    found = class_of(tmp_path, "echo/ann.py", "echo/x77.py", "time/ann.py", labs=labs)
    assert of(found, "bob").missing
    assert of(found, "bob", "streaming-time").is_absent


def test_two_namesakes_leave_a_third_alone(tmp_path: Path) -> None:
    """The entry is of one of the two, whichever."""
    roster = f"{ROSTER}bob2,Bob Lee\n"
    found = class_of(tmp_path, "Bob Lee_13_assignsubmission_file_/s.py", roster=roster)
    assert of(found, "bob").missing
    assert of(found, "bob2").missing
    assert of(found, "ann").is_absent


@pytest.mark.parametrize("entry", ["bob/", "bob/src/main/", "Bob Lee_4_assignsubmission_file_/"])
def test_an_empty_folder_is_nothing_and_says_so(entry: str, tmp_path: Path) -> None:
    bob = of(class_of(tmp_path, "ann.py", entry), "bob")
    assert bob.is_absent
    assert bob.remarks == (EMPTY,)


def test_an_empty_folder_is_no_proof_where_an_entry_has_no_owner(tmp_path: Path) -> None:
    found = class_of(tmp_path, "ann.py", "bob/", "x77.py")
    bob = of(found, "bob")
    assert (bob.problem, bob.remarks) == (EMPTY_UNCLAIMED, (EMPTY,))
    assert "1 student without an entry, or with an empty folder, handed" in found.warnings[-1]


def test_an_empty_folder_of_one_lab(tmp_path: Path) -> None:
    found = class_of(tmp_path, "bob/echo/s.py", "bob/streaming-time/", labs=ECHO + TIME)
    assert of(found, "bob").path is not None
    assert of(found, "bob", "streaming-time").remarks == (EMPTY,)


@pytest.mark.parametrize("left", [".DS_Store", ".git/HEAD", "src/__MACOSX/._a", "a.py", "x.rar"])
def test_a_folder_with_anything_in_it_is_not_empty(left: str, tmp_path: Path) -> None:
    """Also with what is left out on the way in: that may be our mistake."""
    bob = of(class_of(tmp_path, "ann.py", f"bob/{left}"), "bob")
    assert bob.path is not None
    assert not bob.is_absent


def test_a_folder_with_a_link_in_it_is_not_empty(tmp_path: Path) -> None:
    (tmp_path / "in" / "bob").mkdir(parents=True)
    (tmp_path / "in" / "bob" / "work").symlink_to(tmp_path)
    assert of(class_of(tmp_path, "ann.py"), "bob").path is not None


def test_a_file_without_a_byte_is_not_nothing(tmp_path: Path) -> None:
    """A disk that was full when the export was unpacked makes such."""
    assert of(class_of(tmp_path, "ann.py", "bob.zip"), "bob").path is not None


def test_what_names_a_lab_that_nobody_grades_is_open(tmp_path: Path) -> None:
    files = {"bob/submission.toml": 'lab = "presence"\n', "bob/s.py": ""}
    bob = of(class_of(tmp_path, "ann.py", files=files), "bob")
    assert (bob.path, bob.missing) == (None, False)
    assert "names the lab presence, so that it is none for echo, and it is" in bob.problem


def test_what_names_another_lab_of_the_class_is_certain(tmp_path: Path) -> None:
    files = {"bob/submission.toml": 'lab = "streaming-time"\n', "bob/s.py": ""}
    found = class_of(tmp_path, "ann.py", files=files, labs=ECHO + TIME)
    assert of(found, "bob").is_absent
    assert of(found, "bob", "streaming-time").path is not None


def test_what_lies_in_another_labs_folder_is_graded_for_nothing_else(tmp_path: Path) -> None:
    """Its manifest was copied from the other lab, and that one is not looked for here."""
    labs = f'{ECHO}folder = "echo"\n{TIME}folder = "time"\n'
    files = {"echo/bob/submission.toml": 'lab = "streaming-time"\n', "echo/bob/s.py": ""}
    found = class_of(tmp_path, "time/ann.py", files=files, labs=labs)
    assert "graded for nothing else" in of(found, "bob").problem


SUBMITTED = "submission_{}:\n  :submitters:\n  - :sid: {}\n"


def test_what_the_export_names_and_does_not_hold_is_open(tmp_path: Path) -> None:
    said = SUBMITTED.format(1, "ann") + SUBMITTED.format(2, "bob")
    found = class_of(tmp_path, "submission_1/s.py", files={METADATA: said})
    bob = of(found, "bob")
    assert (bob.path, bob.missing) == (None, False)
    assert bob.problem == f"submission_2 stands in {METADATA}, but there is no such folder"


def test_what_the_export_names_no_submitter_of_may_be_anybodys(tmp_path: Path) -> None:
    said = SUBMITTED.format(1, "ann") + "submission_2:\n  :submitters: []\n"
    found = class_of(tmp_path, "submission_1/s.py", "submission_2/s.py", files={METADATA: said})
    assert of(found, "bob").missing


def test_without_a_roster_nobody_is_missing(tmp_path: Path) -> None:
    """Beside a program, a report of the same name is none of its own; notes are nobody's."""
    found = class_of(tmp_path, "ann.py", "ann.pdf", "notes.txt", roster="")
    assert [(hand_in.author, hand_in.problem) for hand_in in found.hand_ins] == [("ann", "")]
    assert found.warnings == (
        "ann.pdf is no program and belongs to nobody: left aside",
        "notes.txt is no program and belongs to nobody: left aside",
    )


@pytest.mark.parametrize("name", ["bob.pdf", "bob.docx", "bob.heic", "bob.kt"])
def test_without_a_roster_who_hands_in_no_program_does_not_vanish(
    name: str, tmp_path: Path
) -> None:
    found = class_of(tmp_path, "ann.py", name, roster="")
    bob = found.hand_ins[1]
    assert bob.path == tmp_path / "in" / name
    assert bob.author.startswith("bob")
