"""Classes as course sites export them: each entry is its author's, whatever a student has
called a file."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.classes.class_file import read_class
from conformance.classes.file_names import Author, identity
from conformance.classes.hand_ins.dates_of_sites import sortable
from conformance.classes.hand_ins.sites import read_name, read_names
from conformance.classes.model import Class, HandIn
from conformance.contract.catalog import load
from kit.exported import SITES, Person, Site, export, forty, receipt, write

CATALOG = load()
SITE = pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
FLAT = pytest.mark.parametrize("site", [s for s in SITES if s.flat], ids=lambda site: site.name)

BOB, MAL = Person(1, "Bob", "Ray"), Person(2, "Mal", "Lory")
CY = Person(3, "Cy", "Doe")


def of(site: Site, people: list[Person], folder: Path) -> tuple[Class, dict[str, HandIn]]:
    graded = read_class(export(site, people, folder), CATALOG)
    return graded, {hand_in.author: hand_in for hand_in in graded.hand_ins}


@SITE
def test_a_class_of_forty_is_matched(site: Site, tmp_path: Path) -> None:
    people = forty()
    graded, found = of(site, people, tmp_path)
    assert [student.id for student in graded.students] == [site.id(p) for p in people]
    assert graded.warnings == ()
    for person in people:
        hand_in = found[site.id(person)]
        assert (hand_in.problem, hand_in.matched != "") == ("", True)
        assert hand_in.path is not None
        part = str(hand_in.path.relative_to(tmp_path / site.folder))
        known_by = (person.number, person.login, person.account, person.name)
        assert any(each in part for each in known_by), part


@SITE
def test_who_handed_in_nothing_is_known(site: Site, tmp_path: Path) -> None:
    people = [BOB, replace(MAL, files=()), CY]
    _, found = of(site, people, tmp_path)
    hand_in = found[site.id(people[1])]
    assert (hand_in.path, hand_in.problem) == (None, "")
    assert all(found[site.id(p)].path for p in (BOB, CY))


# -- what a student may call a file ---------------------------------------------------


def patterns(victim: Person) -> Iterator[str]:
    """File names that would be the victim's, at any of the sites."""
    yield f"{victim.name}_{victim.number}_assignsubmission_file_server.py"
    yield f"_{victim.number}_assignsubmission_file_server.py"
    yield f"raybob_{victim.number}_900123_server.py"
    yield f"raybob_LATE_{victim.number}_900123_server.py"
    yield f"x_{victim.number}_text.html"
    yield f"LATE_anon_{victim.number}_900123_server.py"
    yield f"Lab_1_{victim.login}_attempt_2026-11-30-12-00-00_server.py"
    yield f"Lab_1_{victim.login}_attempt_2026-11-30-12-00-00.txt"
    yield f"{victim.number}-2557369 - {victim.name} - Nov 30, 2026 1200 PM - server.py"
    yield f"{victim.sorted_name}({victim.login})"
    yield f"lab-echo-{victim.account}.py"
    yield f"{victim.login}.py"


TAILS = [
    *patterns(BOB),
    *(f"a_{each}" for each in patterns(BOB)),
    *(f"server.py - {each}" for each in patterns(BOB)),
]


@FLAT
@pytest.mark.parametrize("tail", TAILS)
def test_no_file_name_takes_anothers_place(site: Site, tail: str, tmp_path: Path) -> None:
    mal = replace(MAL, files=(tail,))
    _, found = of(site, [BOB, mal, CY], tmp_path)
    theirs, hers = found[site.id(BOB)], found[site.id(mal)]
    assert theirs.path is not None
    assert theirs.path.name.endswith("server.py")
    assert _is_of(theirs.path, BOB)
    assert not _is_of(theirs.path, MAL)
    assert hers.path is not None
    assert hers.path.name.endswith(tail)
    assert _is_of(hers.path, MAL)


@FLAT
@pytest.mark.parametrize("tail", [*patterns(BOB)])
def test_no_file_name_fills_an_empty_place(site: Site, tail: str, tmp_path: Path) -> None:
    bob, mal = replace(BOB, files=()), replace(MAL, files=(tail,))
    _, found = of(site, [bob, mal, CY], tmp_path)
    assert found[site.id(bob)].path is None
    hers = found[site.id(mal)].path
    assert hers is not None
    assert hers.name.endswith(tail)


def _is_of(path: Path, person: Person) -> bool:
    """By what the site writes in front."""
    return any(each in path.name[:18] for each in (person.number, person.login))


@pytest.mark.parametrize("site", [s for s in SITES if not s.flat], ids=lambda site: site.name)
@pytest.mark.parametrize("tail", [*patterns(BOB)])
def test_nor_does_one_in_a_folder(site: Site, tail: str, tmp_path: Path) -> None:
    mal = replace(MAL, files=(tail, "server.py"))
    _, found = of(site, [BOB, mal, CY], tmp_path)
    theirs, hers = found[site.id(BOB)].path, found[site.id(mal)].path
    assert theirs is not None
    assert hers is not None
    assert (theirs / "server.py").is_file()
    assert (hers / tail).is_file()


@FLAT
@pytest.mark.parametrize("own", ["grades.csv", "class.toml", "submission_metadata.yml", "x.rar"])
def test_what_is_no_program_was_handed_in_all_the_same(
    site: Site, own: str, tmp_path: Path
) -> None:
    """Nobody has handed in nothing who has called a file like a list of the teacher's."""
    mal = replace(MAL, files=(own,))
    _, found = of(site, [BOB, mal, CY], tmp_path)
    hers = found[site.id(mal)].path
    assert hers is not None
    assert hers.name.endswith(own)


NAMES = st.lists(
    st.one_of(
        st.text(max_size=80),
        st.lists(
            st.sampled_from(
                [*patterns(BOB), "_", "-", " - ", "(", ")", ",", "1", "_22_", "a", "_attempt_",
                 "2026-11-30-12-00-00", "_assignsubmission_", "file", ".txt", "LATE_anon_"]
            ),
            max_size=6,
        ).map("".join),
    ).filter(lambda name: not re.search("[\ud800-\udfff]", name)),
    max_size=8,
    unique=True,
)  # fmt: skip


@given(NAMES)
@settings(max_examples=300, deadline=None)
def test_any_names_tell_something(names: list[str]) -> None:
    told = read_names(names, folders=names[::2], knows=lambda who: who == BOB.login)
    assert len(told) == len(names)
    for name in told:
        assert name.author.id == identity(name.author.id)


def test_the_sites_part_ends_where_it_can_end_first() -> None:
    """Where a single name is all that there is."""
    name = f"lorymal_222_7_{next(patterns(BOB))}"
    assert read_name(name).author == Author("222", "lorymal")
    name = "Ann_111_assignsubmission_file_bob_222_333_server.py"
    assert read_name(name).author == Author("111", "Ann")


def test_an_export_is_of_one_site() -> None:
    """An assignment whose name looks like Canvas' does not make Canvas of it."""
    names = [f"lab_1_2_{who}_attempt_2026-11-29-12-00-00_s.py" for who in ("ann", "bob")]
    told = read_names(names)
    assert [(name.site, name.author.id) for name in told] == [
        ("Blackboard", "ann"),
        ("Blackboard", "bob"),
    ]


def test_one_number_beside_two_names_is_told(tmp_path: Path) -> None:
    """Of two exports in one folder, say: nobody's work is taken for another's."""
    for name in ("Bob Ray_222", "Mal Lory_222", "Cy Doe_333"):
        write(tmp_path, f"in/{name}_assignsubmission_file_/server.py")
    write(tmp_path, "roster.csv", "id,name\nbob,Bob Ray\nmal,Mal Lory\ncy,Cy Doe\n")
    write(
        tmp_path,
        "class.toml",
        'submissions = "in"\nroster = "roster.csv"\n[[lab]]\nname = "echo"\n',
    )
    graded = read_class(tmp_path / "class.toml", CATALOG)
    problem = "Moodle's number 222 stands beside several people's names"
    assert {h.author: h.problem for h in graded.hand_ins} == {
        "bob": problem,
        "mal": problem,
        "cy": "",
    }
    assert "beside the names of several, Bob Ray, Mal Lory" in graded.warnings[0]


# -- attempts -------------------------------------------------------------------------


def named(site: str) -> Site:
    return next(each for each in SITES if each.name == site)


def test_of_blackboards_attempts_the_last_counts(tmp_path: Path) -> None:
    file = export(named("Blackboard"), [BOB, CY], tmp_path)
    later = f"Lab_1_{BOB.login}_attempt_2026-11-30-08-00-00"
    write(file.parent / "submissions", f"{later}_better.py")
    write(file.parent / "submissions", f"{later}.txt", receipt(BOB))
    graded = read_class(file, CATALOG)
    hand_in = graded.hand_ins[0]
    assert hand_in.path is not None
    assert hand_in.path.name == f"{later}_better.py"
    assert "2 files are attempts at the same: the last was taken" in hand_in.remarks[0]


def test_a_text_in_blackboard_is_open(tmp_path: Path) -> None:
    file = export(named("Blackboard"), [BOB, CY, replace(MAL, files=())], tmp_path)
    name = f"Lab_1_{MAL.login}_attempt_2026-11-30-08-00-00.txt"
    write(file.parent / "submissions", name, receipt(MAL))
    problems = {h.author: h.problem for h in read_class(file, CATALOG).hand_ins}
    assert problems[MAL.login] == "a text was handed in, and no file"


@pytest.mark.parametrize(
    ("times", "last"),
    [
        (("Nov 9, 2026 1159 PM", "Nov 10, 2026 1201 AM"), 1),
        (("Dec 1, 2026 900 AM", "Nov 30, 2026 1000 AM"), 0),
        (("29 novembre, 2026 0900", "30 novembre, 2026 08 00"), 1),
        (("Nov 29, 2026 1200 PM", "Nov 29, 2026 1200 AM"), 0),
        (("3 Dez 2026 1000", "2 Dez 2026 1000"), 0),
        (("Nov 29, 2026 9:05 AM", "Nov 29, 2026 10:05 AM"), 1),
    ],
)
def test_of_brightspaces_attempts_the_last_counts(
    times: tuple[str, str], last: int, tmp_path: Path
) -> None:
    names = [f"41-99 - Bob Ray - {time}" for time in times]
    for name in (*names, f"42-99 - Cy Doe - {times[0]}"):
        write(tmp_path, f"in/{name}/server.py")
    write(tmp_path, "roster.csv", "id,name\nbob,Bob Ray\ncy,Cy Doe\n")
    write(
        tmp_path,
        "class.toml",
        'submissions = "in"\nroster = "roster.csv"\n[[lab]]\nname = "echo"\n',
    )
    graded = read_class(tmp_path / "class.toml", CATALOG)
    assert graded.hand_ins[0].path == tmp_path / "in" / names[last]
    assert graded.hand_ins[1].problem == ""


@pytest.mark.parametrize(
    "text",
    [
        "Nov 29, 1200 PM",
        "Nov, 2026 1200 PM",
        "Foo 29, 2026 1200 PM",
        "Nov 29, 2026 noon",
        "Nov 29, 2026 2500",
        "Nov 32, 2026 1200 PM",
    ],
)
def test_what_is_no_time_orders_no_attempts(text: str) -> None:
    assert sortable(text) == ""


def test_namesakes_in_brightspace_are_not_attempts_of_one(tmp_path: Path) -> None:
    for number in ("41", "42"):
        write(tmp_path, f"in/{number}-99 - Bob Ray - Nov 9, 2026 1159 PM/server.py")
    write(tmp_path, "roster.csv", "id,name\nbob,Bob Ray\nbob2,Bob Ray\n")
    write(
        tmp_path,
        "class.toml",
        'submissions = "in"\nroster = "roster.csv"\n[[lab]]\nname = "echo"\n',
    )
    graded = read_class(tmp_path / "class.toml", CATALOG)
    assert all("2 in the roster are called Bob Ray" in h.problem for h in graded.hand_ins)


# -- what else lies there -------------------------------------------------------------


def test_a_text_in_sakai_is_open_and_an_empty_folder_is_nothing(tmp_path: Path) -> None:
    people = [BOB, replace(MAL, files=()), replace(CY, files=())]
    file = export(named("Sakai"), people, tmp_path)
    home = f"{MAL.sorted_name}({MAL.login})"
    write(tmp_path / "submissions", f"{home}/{home}_submissionText.html", "<p>my&nbsp;server</p>")
    found = {h.author: h for h in read_class(file, CATALOG).hand_ins}
    assert found[MAL.login].problem == "a text was handed in, and no file"
    assert (found[CY.login].path, found[CY.login].problem) == (None, "")
    assert "no file in it" in found[CY.login].remarks[0]


def test_two_full_folders_in_sakai_are_open(tmp_path: Path) -> None:
    file = export(named("Sakai"), [BOB, CY], tmp_path)
    home = tmp_path / "submissions" / f"{BOB.sorted_name}({BOB.login})"
    for name in ("Student Attachment(s)", "Submission attachment(s)"):
        write(home, f"{name}/server.py")
    [bobs, _] = read_class(file, CATALOG).hand_ins
    assert "it cannot be told which of its folders holds" in bobs.problem


@pytest.mark.parametrize("kept", ["Student Attachment(s)", "Submission attachment(s)", "."])
def test_sakai_without_its_own_files(kept: str, tmp_path: Path) -> None:
    """As teachers leave it, who need the programs only."""
    file = export(named("Sakai"), [BOB, CY], tmp_path)
    for person in (BOB, CY):
        home = tmp_path / "submissions" / f"{person.sorted_name}({person.login})"
        shutil.rmtree(home)
        write(home, f"{kept}/server.py")
    found = read_class(file, CATALOG)
    assert found.warnings == ()
    assert [h.path is not None for h in found.hand_ins] == [True, True]


def test_sakai_in_another_language(tmp_path: Path) -> None:
    file = export(named("Sakai"), [BOB], tmp_path)
    home = tmp_path / "submissions" / f"{BOB.sorted_name}({BOB.login})"
    (home / "Submission attachment(s)").rename(home / "Pièces jointes")
    (home / "Feedback Attachment(s)").rename(home / "Commentaires")
    [hand_in] = read_class(file, CATALOG).hand_ins
    assert hand_in.path == home / "Pièces jointes"


def test_hidden_names_in_moodle_are_known_by_the_worksheet(tmp_path: Path) -> None:
    site = named("Moodle's worksheet")
    file = export(site, [replace(p, files=()) for p in (BOB, MAL)], tmp_path)
    for number in (BOB.number, MAL.number):
        write(tmp_path, f"submissions/Teilnehmerin_{number}_assignsubmission_file_s.py")
    graded = read_class(file, CATALOG)
    assert graded.warnings == ()
    assert [h.path is not None for h in graded.hand_ins] == [True, True]


def test_a_group_in_moodle_without_a_number_is_nobodys(tmp_path: Path) -> None:
    file = export(named("Moodle"), [BOB], tmp_path)
    write(tmp_path, "submissions/Default group_assignsubmission_file_/server.py")
    graded = read_class(file, CATALOG)
    assert graded.hand_ins[0].problem == ""
    assert graded.warnings[0].startswith("Default group_assignsubmission_file_ belongs to nobody")


def test_canvas_test_student_is_nobody(tmp_path: Path) -> None:
    file = export(named("Canvas"), [BOB], tmp_path)
    write(tmp_path, "submissions/studenttest_49999_900001_server.py")
    graded = read_class(file, CATALOG)
    assert [student.id for student in graded.students] == [BOB.login]
    told = "studenttest_49999_900001_server.py is of the site's test student: left aside"
    assert graded.warnings == (told,)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        (f"raybob_{BOB.number}_900_s.py", True),
        (f"rãybøb_{BOB.number}_900_s.py", True),
        ("raybob_777_900_s.py", False),
        (f"lorymal_{BOB.number}_900_s.py", False),
        (f"whoever_{BOB.number}_900_s.py", False),
    ],
)
def test_canvas_number_and_name_must_not_disagree(name: str, wanted: bool, tmp_path: Path) -> None:
    file = export(named("Canvas"), [replace(p, files=()) for p in (BOB, MAL)], tmp_path)
    write(tmp_path, f"submissions/{name}")
    found = {h.author: h for h in read_class(file, CATALOG).hand_ins}
    assert (found[BOB.login].path is not None) == wanted
    assert bool(found[BOB.login].problem) != wanted
    assert found[MAL.login].path is None


def test_an_id_that_is_none_of_canvas_leaves_it_to_the_names(tmp_path: Path) -> None:
    """A teacher's own list may have such columns, with the school's numbers."""
    file = export(named("Canvas"), [BOB, MAL, CY], tmp_path)
    lines = [f'"{p.sorted_name}",{p.student_id},A' for p in (BOB, MAL, CY)]
    write(tmp_path, "roster.csv", "\n".join(["Student,ID,Section", *lines, ""]))
    graded = read_class(file, CATALOG)
    assert [h.path is not None for h in graded.hand_ins] == [True, True, True]
    assert graded.warnings == ()


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    ("first", "last"), [("Zoé", "Weiß"), ("अनिल", "वर्मा"), ("Văn An", "Nguyễn")]
)
@pytest.mark.parametrize("site", ["Canvas", "Moodle", "Brightspace", "Sakai"])
def test_names_of_any_script_and_form(
    site: str, first: str, last: str, form: Literal["NFC", "NFD"], tmp_path: Path
) -> None:
    """An archive that was unpacked on a Mac has each accent apart."""
    person = Person(9, first, last)
    file = export(named(site), [replace(person, files=()), BOB], tmp_path)
    shutil.rmtree(tmp_path / "submissions")
    apart = replace(person, first=normalize(form, first), last=normalize(form, last))
    named(site).lay([apart, BOB], tmp_path / "submissions")
    graded = read_class(file, CATALOG)
    assert graded.warnings == ()
    assert graded.hand_ins[0].path is not None


def test_clones_of_accounts_that_are_not_linked_are_told(tmp_path: Path) -> None:
    file = export(named("GitHub Classroom"), [BOB, CY, replace(MAL, files=())], tmp_path)
    write(tmp_path, "lab-echo-submissions/lab-echo-somebody/server.py")
    graded = read_class(file, CATALOG)
    assert [student.id for student in graded.students][2] == MAL.email
    assert graded.warnings[0].startswith("lab-echo-somebody belongs to nobody in the roster")
