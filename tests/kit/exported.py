"""Makes what course sites export of an assignment, and their rosters. File names follow the sites'
own source code, and published exports."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

PROGRAM = "print('hello')\n"

ODD = (
    ("Ann", "Müller"), ("Seán", "O'Brien"), ("Mary-Ann", "Smith"), ("Jean-Luc", "de la Tour"),
    ("José", "García López"), ("Văn An", "Nguyễn"), ("小明", "王"), ("Ann", "Lee"),
    ("Annika", "Leeson"), ("Øyvind", "Åse"), ("Jan", "van 't Hoff"), ("Zoé", "Weiß"),
)  # fmt: skip
FIRST = ("Bob", "Cem", "Dana", "Eva", "Finn", "Gina", "Hugo")
LAST = ("Ray", "Kaya", "Rossi", "Blanc")


@dataclass(frozen=True)
class Person:
    """A person in the class, and what the sites call them."""

    place: int
    first: str
    last: str
    files: tuple[str, ...] = ("server.py",)
    """The student's own names for the files handed in; none: nothing was handed in."""

    @property
    def login(self) -> str:
        return f"u{self.place:03}x{self.place % 7}"

    @property
    def student_id(self) -> str:
        return f"{7 * self.place:08}"

    @property
    def number(self) -> str:
        """The site's own number for the person."""
        return str(40_000 + 13 * self.place)

    @property
    def account(self) -> str:
        return f"coder-{self.place}-{self.login}"

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def sorted_name(self) -> str:
        return f"{self.last}, {self.first}"

    @property
    def email(self) -> str:
        return f"{self.login}@example.edu"


def forty() -> list[Person]:
    """A class of forty, with realistic names."""
    names = [*ODD, *((first, last) for first in FIRST for last in LAST)]
    return [Person(place, first, last) for place, (first, last) in enumerate(names, 1)]


@dataclass(frozen=True)
class Site:
    """How a site exports."""

    name: str
    lay: Callable[[Sequence[Person], Path], None]
    """Writes the submissions into a folder."""
    roster: Callable[[Sequence[Person]], bytes]
    id: Callable[[Person], str]
    """Which field of the roster is the student's id."""
    flat: bool = False
    """Whether all files are in one folder, and file names contain the student's own name for
    each."""
    folder: str = "submissions"


def write(folder: Path, name: str, text: str = PROGRAM) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def rows(header: str, lines: Sequence[Sequence[str]], separator: str = ",") -> str:
    quoted = (
        separator.join(f'"{cell}"' if separator in cell else cell for cell in line)
        for line in lines
    )
    return "\r\n".join([header, *quoted, ""])


# -- Moodle ---------------------------------------------------------------------------


def moodle_folders(people: Sequence[Person], folder: Path) -> None:
    for person in people:
        for name in person.files:
            write(folder, f"{person.name}_{person.number}_assignsubmission_file_/{name}")


def moodle_files(people: Sequence[Person], folder: Path) -> None:
    for person in people:
        for name in person.files:
            write(folder, f"{person.name}_{person.number}_assignsubmission_file_{name}")


def moodle_roster(people: Sequence[Person]) -> bytes:
    """The list of participants of a French Moodle."""
    header = "Prénom,Nom de famille,Numéro d’identification,Adresse de courriel,Groupes"
    lines = [[p.first, p.last, p.student_id, p.email, ""] for p in people]
    return rows(header, lines).encode("utf-8-sig")


def moodle_worksheet(people: Sequence[Person]) -> bytes:
    """The grading worksheet of an assignment."""
    header = "Identifier,Full name,Email address,Status,Grade,Maximum Grade"
    lines = [
        [f"Participant {p.number}", p.name, p.email, "Submitted for grading - ", "", "100.00"]
        for p in people
    ]
    return rows(header, lines).encode("utf-8-sig")


# -- Canvas ---------------------------------------------------------------------------


def canvas(people: Sequence[Person], folder: Path) -> None:
    for person in people:
        late = "_LATE" if person.place % 5 == 0 else ""
        name = re.sub(r"[\s!-/:-@\[-^`{-~]", "", person.sorted_name.lower())
        for count, own in enumerate(person.files):
            number = 900_000 + 10 * person.place + count
            write(folder, f"{name}{late}_{person.number}_{number}_{own}")


def canvas_gradebook(people: Sequence[Person]) -> bytes:
    header = "Student,ID,SIS User ID,SIS Login ID,Section,Lab 1 (555),Current Score"
    lines = [
        ["", "", "", "", "", "Manual Posting", ""],
        ["    Points Possible", "", "", "", "", "10", "(read only)"],
        *([p.sorted_name, p.number, p.student_id, p.login, "Net-A", "", ""] for p in people),
        ["Student, Test", "49999", "", "a" * 40, "Net-A", "", ""],
    ]
    return rows(header, lines).encode()


# -- Gradescope -----------------------------------------------------------------------


def gradescope(people: Sequence[Person], folder: Path) -> None:
    told = ["---"]
    for person in people:
        for name in person.files:
            write(folder, f"submission_{person.number}/{name}")
        if person.files:
            told += [
                f"submission_{person.number}:",
                "  :submitters:",
                f'  - :name: "{person.name}"',
                f"    :sid: '{person.student_id}'",
                f"    :email: {person.email}",
                "  :created_at: 2026-11-26 17:34:00.861687000 Z",
                "  :score: 2.0",
            ]
    write(folder, "submission_metadata.yml", "\n".join([*told, ""]))


def gradescope_roster(people: Sequence[Person]) -> bytes:
    lines = [[p.first, p.last, p.student_id, p.email, "Net-A"] for p in people]
    return rows("First Name,Last Name,SID,Email,Sections", lines).encode()


# -- GitHub Classroom, Classroom 50 ---------------------------------------------------


def github(people: Sequence[Person], folder: Path) -> None:
    for person in people:
        for name in person.files:
            write(folder, f"lab-echo-{person.account}/{name}")
            write(folder, f"lab-echo-{person.account}/.git/HEAD", "ref: refs/heads/main\n")


def github_roster(people: Sequence[Person]) -> bytes:
    """People who have not accepted an assignment have no account in it."""
    lines = [
        [p.email, p.account if p.files else "", p.number if p.files else "", ""] for p in people
    ]
    return rows("identifier,github_username,github_id,name", lines).encode()


def classroom50(people: Sequence[Person], folder: Path) -> None:
    for person in people:
        for name in person.files:
            write(folder, f"net-a-lab-echo-{person.account}/{name}")


def classroom50_roster(people: Sequence[Person]) -> bytes:
    """People who were invited by e-mail and have not joined yet have no account in it."""
    lines = [
        [p.account if p.files else "", p.first, p.last, p.email, "A", "", "student"] for p in people
    ]
    return rows("username,first_name,last_name,email,section,github_id,role", lines).encode()


# -- Blackboard -----------------------------------------------------------------------


def blackboard(people: Sequence[Person], folder: Path) -> None:
    for person in people:
        attempt = f"Lab_1_{person.login}_attempt_2026-11-{person.place % 20 + 1:02}-12-00-00"
        for name in person.files:
            write(folder, f"{attempt}_{name}")
        if person.files:
            write(folder, f"{attempt}.txt", receipt(person))


def receipt(person: Person) -> str:
    return (
        f"Name: {person.name} ({person.login})\r\n"
        "Assignment: Lab_1\r\n"
        "Date Submitted: Sunday, November 29, 2026 12:00:00 PM CET\r\n"
        "Current Grade: Needs Grading\r\n\r\n"
        "Submission Field:\r\nThere is no student submission text data for this assignment.\r\n"
    )


def blackboard_gradebook(people: Sequence[Person]) -> bytes:
    """UTF-16, with tabs, and called .xls."""
    header = '"Last Name"\t"First Name"\t"Username"\t"Student ID"\t"Last Access"\t"Availability"'
    lines = [
        *([p.last, p.first, p.login, "", "2026-11-29 12:00:00", "Yes"] for p in people),
        ["User", "Preview", "teacher_previewuser", "", "", "No"],
    ]
    return rows(header, lines, "\t").encode("utf-16")


# -- Brightspace ----------------------------------------------------------------------


def brightspace_name(person: Person) -> str:
    day = person.place % 20 + 1
    return f"{person.number}-2557369 - {person.name} - Nov {day}, 2026 1200 PM"


def brightspace_folders(people: Sequence[Person], folder: Path) -> None:
    write(folder, "index.html", "<html></html>")
    for person in people:
        for name in person.files:
            write(folder, f"{brightspace_name(person)}/{name}")


def brightspace_files(people: Sequence[Person], folder: Path) -> None:
    write(folder, "index.html", "<html></html>")
    for person in people:
        for name in person.files:
            write(folder, f"{brightspace_name(person)} - {name}")


def brightspace_gradebook(people: Sequence[Person]) -> bytes:
    header = "OrgDefinedId,Username,Last Name,First Name,Email,End-of-Line Indicator"
    lines = [[f"#{p.student_id}", f"#{p.login}", p.last, p.first, p.email, "#"] for p in people]
    return rows(header, lines).encode("utf-8-sig")


# -- Sakai ----------------------------------------------------------------------------


def sakai(people: Sequence[Person], folder: Path) -> None:
    write(folder, "grades.csv", sakai_grades(people).decode())
    for person in people:
        home = f"{person.sorted_name}({person.login})"
        (folder / home / "Feedback Attachment(s)").mkdir(parents=True)
        (folder / home / "Submission attachment(s)").mkdir()
        write(folder, f"{home}/{home}_submissionText.html", "")
        write(folder, f"{home}/comments.txt", "")
        write(folder, f"{home}/feedbackText.html", "")
        for name in person.files:
            write(folder, f"{home}/Submission attachment(s)/{name}")
            write(folder, f"{home}/timestamp.txt", "20261129120000000")


def sakai_grades(people: Sequence[Person]) -> bytes:
    header = "Lab 1,Points\r\n\r\nDisplay ID,ID,Last Name,First Name,grade"
    lines = [[p.student_id, p.login, p.last, p.first, ""] for p in people]
    return rows(header, lines).encode()


def by_login(person: Person) -> str:
    return person.login


def by_student_id(person: Person) -> str:
    return person.student_id


def by_participant(person: Person) -> str:
    return f"Participant {person.number}"


def by_account(person: Person) -> str:
    return person.account if person.files else person.email


SITES = (
    Site("Moodle", moodle_folders, moodle_roster, by_student_id),
    Site("Moodle without folders", moodle_files, moodle_roster, by_student_id, flat=True),
    Site("Moodle's worksheet", moodle_files, moodle_worksheet, by_participant, flat=True),
    Site("Canvas", canvas, canvas_gradebook, by_login, flat=True),
    Site("Gradescope", gradescope, gradescope_roster, by_student_id),
    Site("GitHub Classroom", github, github_roster, by_account, folder="lab-echo-submissions"),
    Site("Classroom 50", classroom50, classroom50_roster, by_account),
    Site("Blackboard", blackboard, blackboard_gradebook, by_login, flat=True),
    Site("Brightspace", brightspace_folders, brightspace_gradebook, by_login),
    Site("Brightspace's files", brightspace_files, brightspace_gradebook, by_login, flat=True),
    Site("Sakai", sakai, sakai_grades, by_login),
)


def export(site: Site, people: Sequence[Person], folder: Path, more: str = "") -> Path:
    """A class as a site exports it; its class.toml."""
    entries = folder / site.folder
    entries.mkdir(parents=True)
    site.lay(people, entries)
    (folder / "roster.csv").write_bytes(site.roster(people))
    file = folder / "class.toml"
    file.write_text(
        f'title = "Net"\nsubmissions = "{site.folder}"\nroster = "roster.csv"\n{more}\n'
        '[[lab]]\nname = "echo"\nonly = "1.1"\n'
    )
    return file
