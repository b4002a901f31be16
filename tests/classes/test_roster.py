from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from conformance.classes.model import Student
from conformance.classes.names import Author
from conformance.classes.people import People
from conformance.classes.roster import Roster, read_roster
from conformance.model import WrongCall


def roster(text: str, folder: Path, *labs: str) -> Roster:
    path = folder / "roster.csv"
    path.write_bytes(text.encode())
    return read_roster(path, labs)


@pytest.mark.parametrize(
    "text",
    [
        "id,name,group,shoe\nann,Ann Smith,g1,38\nbob,Bob Lee,,44\n",
        "\ufeffLogin;Full name;Group;\r\nann;Ann Smith;g1;\r\nbob;Bob Lee;;\r\n",
        "First name\tLast name\tUsername\tTeam\nAnn\tSmith\tann\tg1\nBob\tLee\tbob\t\n",
        '\nid,name,group\n\n ann ,"Ann  Smith",g1\n,,\nbob,Bob Lee\n',
    ],
)
def test_a_roster_in_many_forms(text: str, tmp_path: Path) -> None:
    assert roster(text, tmp_path).students == (
        Student("ann", "Ann Smith", "g1"),
        Student("bob", "Bob Lee"),
    )


def test_the_german_for_it(tmp_path: Path) -> None:
    read = roster("Nachname;Vorname;Matrikelnummer\nSmith;Ann;0123\n", tmp_path)
    assert read.students == (Student("0123", "Ann Smith"),)


def test_canvas_gradebook(tmp_path: Path) -> None:
    read = roster(
        "Student,ID,SIS User ID,SIS Login ID,Section,Echo (123)\n"
        "    Points Possible,,,,,10\n"
        '"Smith, Ann",12345,u1,ann@heig.ch,A,\n',
        tmp_path,
    )
    assert read.students == (Student("ann@heig.ch", "Smith, Ann"),)
    assert read.aliases["ann@heig.ch"] == ("12345", "ann", "u1")


def test_moodle_worksheet(tmp_path: Path) -> None:
    read = roster(
        "Identifier,Full name,Email address,Status\n"
        "Participant 4711,Ann Smith,ann@heig.ch,Submitted\n",
        tmp_path,
    )
    assert read.students == (Student("Participant 4711", "Ann Smith"),)
    assert "4711" in read.aliases["Participant 4711"]


def test_times_of_handing_in(tmp_path: Path) -> None:
    read = roster(
        "id,submitted,Submitted streaming_time,submitted by\n"
        "ann,2026-11-20T10:00:00+01:00,2026-11-21T10:00:00Z,post\n"
        "bob,,,\n",
        tmp_path,
        "echo",
        "streaming-time",
    )
    assert read.submitted == {
        ("ann", ""): datetime(2026, 11, 20, 9, tzinfo=UTC),
        ("ann", "streaming-time"): datetime(2026, 11, 21, 10, tzinfo=UTC),
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "name,shoe\nAnn,38\n",
            r"line 1: the roster needs a column id .*matrikelnummer.* has name, shoe",
        ),
        ("", "needs a column id .* has nothing"),
        ("id,id\nann,ann\n", "line 1: two columns are called id"),
        ("id,name\nann,Ann\n,Bob\n", "line 3: there is no id"),
        ("id,name\nann,Ann\n\nAnn,Anna\n", "line 4: Ann stands in line 2 already"),
        ("id,name\nann,Smith, Ann\n", "line 2: 3 cells, but the header has 2"),
        ('id,name\nann,"Ann\n', "line 2: this is not CSV"),
        ("id,submitted\nann,20.11.2026\n", "line 2: submitted is a time like .* not '20.11.2026'"),
        ("id,submitted\nann,2026-11-20T10:00\n", "line 2: the time '2026-11-20T10:00' needs"),
    ],
)
def test_a_roster_that_is_wrong_names_the_line(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(WrongCall, match=told):
        roster(text, tmp_path)


def test_a_roster_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(WrongCall, match=r"the roster .*nowhere\.csv cannot be read: No such file"):
        read_roster(tmp_path / "nowhere.csv")
    (tmp_path / "old.csv").write_bytes("id,name\nann,Zoë\n".encode("latin-1"))
    with pytest.raises(WrongCall, match="is not UTF-8"):
        read_roster(tmp_path / "old.csv")


# -- whose an entry is ----------------------------------------------------------------

ANN = Student("ann", "Ann Smith", "g1")
BOB = Student("bob@heig.ch", "Lee, Bob", "g1")
TWIN = Student("4711", "Cy Doe")
BARE = Student("4712")
CLASS = Roster((ANN, BOB, TWIN, BARE), {"bob@heig.ch": ("bob", "77")})


@pytest.mark.parametrize(
    ("author", "site", "owner"),
    [
        (Author("ANN"), "", "g1"),
        (Author("bob"), "", "g1"),
        (Author("G1"), "", "g1"),
        (Author("Smith Ann"), "", "g1"),
        (Author("eve"), "", None),
        (Author("4711", "Ann Smith"), "Moodle", "g1"),
        (Author("4711", "cydoe"), "Canvas", "4711"),
        (Author("4711", "Eve"), "Moodle", None),
        (Author("1", "leebob"), "Canvas", "g1"),
        (Author("12", "g1"), "Moodle", "g1"),
        (Author("77", "Bobby Lee"), "", "g1"),
        (Author("4712", "Eve Ray"), "Moodle", None),
        (Author("4712", "Participant 4712"), "Moodle", "4712"),
        (Author("4712", "everay"), "Canvas", "4712"),
    ],
)
def test_whose_an_entry_is(author: Author, site: str, owner: str | None) -> None:
    assert People(CLASS, {}).author(author, site) == owner


def test_a_name_that_two_have_decides_nothing() -> None:
    people = People(Roster((Student("1", "Ann Smith"), Student("2", "Smith Ann"))), {})
    assert people.author(Author("9", "Ann Smith"), "Moodle") is None


def test_a_number_of_the_site_tells_namesakes_apart() -> None:
    both = (Student("p1", "Ann Smith"), Student("p2", "Ann Smith"))
    people = People(Roster(both, {"p1": ("13",), "p2": ("14",)}), {})
    assert people.author(Author("14", "Ann Smith"), "Moodle") == "p2"


def test_namesakes_who_work_together_are_one() -> None:
    both = (Student("1", "Ann Smith", "g"), Student("2", "Ann Smith", "g"))
    assert People(Roster(both), {}).author(Author("9", "Ann Smith"), "Moodle") == "g"


def test_without_a_roster_whoever_hands_in_is_in_the_class() -> None:
    people = People(None, {"g1": ["ann", "bob"]})
    assert people.author(Author("Ann")) == "g1"
    assert people.author(Author("eve")) == "eve"
    assert people.author(Author("EVE")) == "eve"
    assert people.students == (
        Student("ann", "", "g1"),
        Student("bob", "", "g1"),
        Student("eve"),
    )


def test_moodles_numbers_change_from_lab_to_lab_and_names_do_not() -> None:
    people = People(None, {})
    assert people.author(Author("1", "Ann Smith"), "Moodle") == "1"
    assert people.author(Author("9", "Ann Smith"), "Moodle") == "1"
    assert people.author(Author("8", "Ann Smith"), "Moodle", namesakes=True) == "8"


@pytest.mark.parametrize(
    ("students", "groups", "told"),
    [
        ((ANN,), {"g2": ["eve"]}, r"\[groups\] g2: eve is not in the roster"),
        ((ANN,), {"g2": ["ann"]}, "ann is in two groups, g1 and g2"),
        ((ANN, Student("G1")), {}, "g1 is both a group and a student"),
    ],
)
def test_groups_that_cannot_be(
    students: tuple[Student, ...], groups: dict[str, list[str]], told: str
) -> None:
    with pytest.raises(WrongCall, match=told):
        People(Roster(students), groups)
