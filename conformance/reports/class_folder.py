"""The reports of a class, where its results are.

    DIR/grades.csv              the grades, for a spreadsheet
    DIR/class.xml               JUnit of the whole class
    DIR/index.html              the page of the class, for its teacher
    DIR/class.db                an index of all verdicts, for SQL
    DIR/students/ID.html        a page for each student, as they may see it; also as text (.txt)
                                and as JUnit (.xml)
    DIR/evidence/AUTHOR/LAB/    captures of the conversations that did not pass

All are renderings of the events beside them, and can be made again at any time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from conformance.classes.file_names import safe_name
from conformance.classes.model import Class, HandIn, Result, Student
from conformance.classes.results import index
from conformance.classes.results.grades import Grade, grades
from conformance.classes.results.ledger import Ledger
from conformance.reports.classes import class_junit, grades_csv
from conformance.reports.classes.reveal import seen
from conformance.reports.classes.student_page import page
from conformance.reports.pages.class_page import Examples, class_page
from conformance.reports.pages.student import student_page
from conformance.reports.text.file import put_in_place
from conformance.verdict.model import WrongCall
from conformance.verdict.points import Status, status
from conformance.words import speaking, spoken
from conformance.words.language import ENGLISH

STUDENTS = "students"
CLASS_PAGE = "index.html"
BESIDE = ("grades.csv", "class.xml")
"""The files that the page of the class leads to."""
REPORTS = (".html", ".txt", ".xml")
"""Suffixes of the reports for each student."""


@dataclass(frozen=True)
class Rendered:
    graded: Class
    results: Sequence[Result]
    grades: Sequence[Grade]

    @property
    def status(self) -> Status:
        """The exit status, as for one check: the worst of all results. An open one weighs most. A
        hand-in that is missing for certain counts as failed."""
        found = [Status.PASSED]
        for result in self.results:
            if result.total is not None:
                whole = result.total.points == result.total.possible
                found.append(Status.PASSED if whole else Status.FAILED)
            elif result.run is not None:
                found.append(status(result.run))
            elif result.blame == "suite":
                found.append(Status.NOT_JUDGED)
            else:
                found.append(Status.FAILED)
        return max(found)


def render(
    ledger: Ledger,
    *,
    but: Collection[str] = (),
    junit_dialect: str | None = None,
    pages: Path | None = None,
    language: str = "",
) -> Rendered:
    """Writes all reports; but not the students' own of the authors in `but`. `junit_dialect`: of
    JUnit XML, instead of the class's own. `pages`: another folder, which has the pages, too.
    `language`: of what students read, instead of the class's own."""
    _ = ledger.of  # raises WrongCall if the folder is not that of a class
    with ledger.rendering():
        graded = _with_warnings(ledger)
        graded = replace(
            graded,
            junit_dialect=junit_dialect or graded.junit_dialect,
            lang=language or graded.lang,
        )
        own, examples = StudentReports(ledger, graded), Examples()
        with class_junit.ClassReport(graded) as report:
            known: set[str] = set()
            for student in graded.students:  # so that conversations of one at a time are held
                author = graded.author_of(student)
                theirs = own.results(author)
                report.add(student, theirs)
                if author in known:
                    continue  # of a group, once
                known.add(author)
                for result in theirs:
                    examples.see(result)
                    ledger.outline(result.hand_in, result)
                if author not in but:
                    own.put(author, theirs)
            report.put(ledger.folder / "class.xml")
        results = [ledger.outline(hand_in) for hand_in in graded.hand_ins]
        marks = grades(graded, results)
        _remove_former_students(ledger.folder / STUDENTS, graded)
        grades_csv.write(graded, marks, ledger.folder / "grades.csv")
        with speaking(ENGLISH):  # for teachers
            page_of_class = class_page(
                graded, results, marks, ledger.notes, beside=BESIDE, examples=examples
            )
        put_in_place(ledger.folder / CLASS_PAGE, page_of_class)
        if pages is not None and pages.resolve() != ledger.folder.resolve():
            with speaking(ENGLISH):
                alone = class_page(graded, results, marks, ledger.notes, examples=examples)
            _write_pages(pages, alone, ledger.folder / STUDENTS)
        index.refresh(ledger, graded.hand_ins)
    return Rendered(graded, results, marks)


def _write_pages(pages: Path, page_of_class: str, students: Path) -> None:
    """Writes the class's page, and those of its students as they are. Raises WrongCall."""
    place = pages / STUDENTS
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongCall(f"cannot write into {pages}: {error.strerror}") from None
    put_in_place(pages / CLASS_PAGE, page_of_class)
    for file in students.glob("*.html"):
        put_in_place(place / file.name, file.read_text(encoding="utf-8"))


def _with_warnings(ledger: Ledger) -> Class:
    """The class, with a warning for each correction that no longer counts."""
    graded = ledger.shown
    told = [
        f"the correction of {hand_in.author} {hand_in.lab} {override.clause or 'total'} was left"
        " out: it was given to an earlier hand-in"
        for hand_in in graded.hand_ins
        for override in ledger.outdated_corrections(hand_in)
    ]
    return replace(graded, warnings=(*graded.warnings, *told))


def _remove_former_students(place: Path, graded: Class) -> None:
    """Removes the reports of whoever is no longer in the class."""
    names = {safe_name(student.id) for student in graded.students}
    for file in place.glob("*"):
        if file.suffix in REPORTS and file.name.removesuffix(file.suffix) not in names:
            file.unlink()


class StudentReports:
    """The reports of the students of one class. Each is made of a class that is theirs alone, so
    that what one takes does not grow with the class."""

    def __init__(self, ledger: Ledger, graded: Class) -> None:
        self._ledger, self._graded = ledger, graded
        self._members: dict[str, list[Student]] = {}
        self._hand_ins: dict[str, list[HandIn]] = {}
        for student in graded.students:
            self._members.setdefault(graded.author_of(student), []).append(student)
        for hand_in in graded.hand_ins:
            self._hand_ins.setdefault(hand_in.author, []).append(hand_in)

    def results(self, author: str) -> Sequence[Result]:
        """The results of what one author has handed in, with all conversations."""
        return [self._ledger.result(each) for each in self._hand_ins.get(author, ())]

    def write(self, author: str) -> None:
        """Writes the reports of the students who hand in as `author`."""
        with self._ledger.rendering():
            self.put(author, self.results(author))

    def put(self, author: str, results: Sequence[Result]) -> None:
        """As `write`, of these results. To be called within `Ledger.rendering`."""
        members = tuple(self._members.get(author, ()))
        hand_ins = tuple(self._hand_ins.get(author, ()))
        part = replace(self._graded, students=members, hand_ins=hand_ins)
        theirs = seen(part, results, datetime.now(UTC))
        for student, grade in zip(members, grades(part, theirs), strict=True):
            _of_student(self._ledger.folder, part, student, grade, theirs)


def _of_student(
    folder: Path, graded: Class, student: Student, grade: Grade, results: Sequence[Result]
) -> None:
    place = folder / STUDENTS
    place.mkdir(parents=True, exist_ok=True)
    name = safe_name(student.id)
    with speaking(graded.lang or spoken()):
        put_in_place(place / f"{name}.html", student_page(graded, student, grade, results))
        put_in_place(place / f"{name}.txt", page(graded, student, grade, results))
        class_junit.write_student(graded, student, results, place / f"{name}.xml")
