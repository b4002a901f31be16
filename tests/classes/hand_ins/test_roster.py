from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conformance.classes.file_names import Author
from conformance.classes.hand_ins.matching import People
from conformance.classes.hand_ins.roster import Roster, read_roster
from conformance.classes.model import Student
from conformance.verdict.model import WrongCall


def owner_of(
    people: People, author: Author, site: str = "", *, namesakes: bool = False
) -> str | None:
    """Under whose id the work of such an author is graded; None: nobody's in the roster."""
    match = people.match(author, site, namesakes=namesakes)
    return match.owner if match else None


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


CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Lab 1 (555)\r\n"
    ",,,,,Manual Posting\r\n"
    "    Points Possible,,,,,10\r\n"
    '"Müller, Ann",1001,S1,amuller,Net-A,\r\n'
)


@pytest.mark.parametrize(
    "more",
    [
        '"Student, Test",1999,,abcdef,Net-A,\r\n',
        '"Étudiant, Test",1999,,{},Net-A,\r\n'.format("0f" * 20),
        '"Studente, di prova",1999,,{},Net-A,\r\n'.format("1b" * 20),
    ],
)
def test_lines_of_canvas_that_are_no_people(more: str, tmp_path: Path) -> None:
    read = roster(CANVAS + more, tmp_path)
    assert read.students == (Student("amuller", "Müller, Ann"),)
    assert read.numbers == {"1001": "amuller"}
    assert {author.id for author in read.aside} >= {"1999"}


@pytest.mark.parametrize("points", ["Points possibles", "Erreichbare Punkte", "Punti possibili"])
def test_the_points_of_canvas_in_other_languages(points: str, tmp_path: Path) -> None:
    read = roster(CANVAS.replace("Points Possible", points), tmp_path)
    assert [student.id for student in read.students] == ["amuller"]


def test_a_canvas_line_without_an_id_among_people_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WrongCall, match="line 5: there is no sis login id"):
        roster(CANVAS + '"Lee, Bob",,,,Net-A,\r\n', tmp_path)


def test_a_person_called_test_is_one_elsewhere(tmp_path: Path) -> None:
    read = roster("id,name\nt1,Test Student\n", tmp_path)
    assert read.students == (Student("t1", "Test Student"),)


def test_blackboards_preview_user_is_nobody(tmp_path: Path) -> None:
    read = roster("Last Name,First Name,Username\nLee,Ann,alee\nX,Y,bob_previewuser\n", tmp_path)
    assert [student.id for student in read.students] == ["alee"]


@pytest.mark.parametrize(
    "header",
    [
        "Prénom,Nom de famille,Numéro d'identification,Groupe",
        "Prénom,Nom de famille,Numéro d’identification,Groupe",
        "PRÉNOM,NOM,Numéro d\u00b4étudiant,Groupe",
        "Vorname,Nachname,ID-Nummer,Gruppe",
        "Vorname,Familienname,Matrikel-Nr.,Gruppe",
        "Vorname,Name,Kennung,Gruppe",
        "Nome,Cognome,Matricola,Gruppo",
        "Nome,Cognome,Codice identificativo,Gruppo",
        "First name,Last name,ID number,Group",
        "Given Names,Surname,Student_Number,Team",
        "first_name,last_name,OrgDefinedId,group",
    ],
)
def test_headings_in_four_languages(header: str, tmp_path: Path) -> None:
    read = roster(f"{header}\nAnn,Müller,0123,g1\n", tmp_path)
    assert read.students == (Student("0123", "Ann Müller", "g1"),)


def test_names_in_one_column(tmp_path: Path) -> None:
    for header in ("Nom complet", "Vollständiger Name", "Nome completo", "Nome", "Nom"):
        read = roster(f"{header};Matricule\nAnn Müller;7\n", tmp_path)
        assert read.students == (Student("7", "Ann Müller"),)


@pytest.mark.parametrize(
    "data",
    [
        "\ufeffid;name\r\n7;Zoë\r\n".encode("utf-16-le"),
        "\ufeffid;name\r\n7;Zoë\r\n".encode("utf-16-be"),
        "id\tname\n7\tZoë\n".encode("utf-16"),
        "student id,name,a long column\n7,Zoë,\n".encode("utf-16-le"),
        "student id,name,a long column\n7,Zoë,\n".encode("utf-16-be"),
        "\ufeffid,name\n7,Zoë\n".encode(),
        "sep=;\r\nid;name\r\n7;Zoë\r\n".encode(),
        '\ufeff"sep=|"\r\nid|name\r\n7|Zoë\r\n'.encode(),
        "sep=\t\nid\tname\n7\tZoë\n".encode(),
        "SEP=,\nid,name\n7,Zoë\n".encode("utf-16"),
        'Lab 1,Points\n\n"id","name",grade\n7,Zoë,\n'.encode(),
    ],
)
def test_what_spreadsheets_and_sites_write(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_bytes(data)
    assert read_roster(tmp_path / "roster.csv").students == (Student("7", "Zoë"),)


def test_a_formula_is_the_text_in_it(tmp_path: Path) -> None:
    read = roster('id,name\n="007","=""Ann"""\n"=""008""",Bob\n', tmp_path)
    assert read.students == (Student("007", "Ann"), Student("008", "Bob"))


def test_the_line_is_that_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(WrongCall, match="line 5: ann stands in line 4 already"):
        roster("Lab 1,Points\n\nid,name\nann,Ann\nann,Anna\n", tmp_path)
    with pytest.raises(WrongCall, match="line 3: there is no id"):
        roster("sep=;\nid;name\n;Ann\n", tmp_path)


def test_half_of_utf_16_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_bytes("id,name\nann,A\n".encode("utf-16")[:-1])
    with pytest.raises(WrongCall, match="is not UTF-8: save it as CSV UTF-8"):
        read_roster(tmp_path / "roster.csv")


def test_who_has_no_account_has_the_next_id(tmp_path: Path) -> None:
    read = roster(
        "identifier,github_username,github_id,name\ns1@x.org,coder-ann,77,\ns2@x.org,,,Bob Lee\n",
        tmp_path,
    )
    assert read.students == (Student("coder-ann"), Student("s2@x.org", "Bob Lee"))
    assert read.aliases["coder-ann"] == ("77", "s1", "s1@x.org")
    assert read.aliases["s2@x.org"] == ("s2",)


def test_rounded_numbers_that_are_alike_are_explained(tmp_path: Path) -> None:
    with pytest.raises(WrongCall, match=r"line 3: 1\.2E\+07 stands in .* spreadsheet has rounded"):
        roster("id,name\n1.2E+07,Ann\n1.2E+07,Bob\n", tmp_path)


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=400))
@example(b'sep="\nid\n1\n')
@example(b"\xff\xfe\x00")
@example(b'id\n"')
@example("id,name\nann,Ann".encode("utf-16"))
def test_any_bytes_are_a_roster_or_a_sentence(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "roster.csv"
        for content in (data, b"id,name,submitted\n" + data):
            path.write_bytes(content)
            with contextlib.suppress(WrongCall):
                assert all(student.id for student in read_roster(path).students)


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
    assert owner_of(People(CLASS, {}), author, site) == owner


def test_a_name_that_two_have_decides_nothing() -> None:
    people = People(Roster((Student("1", "Ann Smith"), Student("2", "Smith Ann"))), {})
    assert owner_of(people, Author("9", "Ann Smith"), "Moodle") is None


def test_a_number_of_the_site_tells_namesakes_apart() -> None:
    both = (Student("p1", "Ann Smith"), Student("p2", "Ann Smith"))
    people = People(Roster(both, {"p1": ("13",), "p2": ("14",)}), {})
    assert owner_of(people, Author("14", "Ann Smith"), "Moodle") == "p2"


def test_namesakes_who_work_together_are_one() -> None:
    both = (Student("1", "Ann Smith", "g"), Student("2", "Ann Smith", "g"))
    assert owner_of(People(Roster(both), {}), Author("9", "Ann Smith"), "Moodle") == "g"


def test_without_a_roster_whoever_hands_in_is_in_the_class() -> None:
    people = People(None, {"g1": ["ann", "bob"]})
    assert owner_of(people, Author("Ann")) == "g1"
    assert owner_of(people, Author("eve")) == "eve"
    assert owner_of(people, Author("EVE")) == "eve"
    assert people.students == (
        Student("ann", "", "g1"),
        Student("bob", "", "g1"),
        Student("eve"),
    )


def test_moodles_numbers_change_from_lab_to_lab_and_names_do_not() -> None:
    people = People(None, {})
    assert owner_of(people, Author("1", "Ann Smith"), "Moodle") == "1"
    assert owner_of(people, Author("9", "Ann Smith"), "Moodle") == "1"
    assert owner_of(people, Author("8", "Ann Smith"), "Moodle", namesakes=True) == "8"


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
