"""A class as JUnit XML: a test suite for each student and lab, in the dialect of `junit`.

    no result, final    failure     nothing was handed in
    no result, open     error       the points are not known yet

Where a teacher has corrected a clause, its points decide about the case, not its outcome. The
sentence about that is in the text, and in the property `override`. Where the total was
corrected, an additional case decides: open cases are skipped, and failed ones, too, if all
points were given. A student's own file holds what the class reveals, and no seed, from which
the others' payloads are drawn, too.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

from junit_xml import TestCase, TestSuite  # type: ignore[import-untyped]  # it has no stubs

from conformance.classes.model import Class, HandIn, LabPlan, Result, Student, Total
from conformance.reports.classes.reveal import revealed, why_no_run
from conformance.reports.run.junit import (
    Sums,
    built,
    cases,
    document,
    facts,
    put,
    suite,
    unused,
)
from conformance.reports.text.visible import shorten_middle, visible
from conformance.verdict.model import Run
from conformance.verdict.points import tally

HANDED_IN = "handed in"
"""Name of the only case where there is no run."""

PIECE = 1 << 16
"""Characters that are written at a time."""

MAX_REASON = 1_000
"""Characters of the reason why there is no run."""

CORRECTED = "total corrected by hand"
"""Name of the case that decides where a teacher has corrected a lab's total."""


def to_xml(graded: Class, results: Iterable[Result]) -> str:
    """The teacher's report: all students, all that is known."""
    return document(list(_suites(graded, graded.students, results)), graded.junit_dialect)


def student_xml(graded: Class, student: Student, results: Iterable[Result]) -> str:
    """The student's own report. Results of others in `results` are ignored."""
    theirs = [
        revealed(result, graded.reveal)
        for result in results
        if result.hand_in.author == graded.author_of(student)
    ]
    suites = list(_suites(graded, [student], theirs, hidden=("seed",)))
    return document(suites, graded.junit_dialect)


def write(graded: Class, results: Iterable[Result], path: Path) -> None:
    """Writes the class's report. Raises WrongCall if that fails."""
    theirs: dict[str, list[Result]] = {}
    for result in results:
        theirs.setdefault(result.hand_in.author, []).append(result)
    with ClassReport(graded) as report:
        for student in graded.students:
            report.add(student, theirs.get(graded.author_of(student), []))
        report.put(path)


class ClassReport:
    """The teacher's report, made student by student, so that never all results are held. Until it
    is put in place, what is made waits on disk."""

    def __init__(self, graded: Class) -> None:
        self._graded = graded
        self._sums = Sums(graded.junit_dialect)
        self._names: set[str] = set()
        self._cases = 0
        # It ends with the block of this object.
        self._made = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115

    def __enter__(self) -> ClassReport:
        return self

    def __exit__(self, *_: object) -> None:
        self._made.close()

    def add(self, student: Student, results: Sequence[Result]) -> None:
        """The next student of the class, with results that are theirs (others are ignored)."""
        for each in _suites(self._graded, [student], results, names=self._names):
            self._made.write(self._sums.part(each))
        self._cases += _cases(self._graded, [student], results)

    def put(self, path: Path) -> None:
        """Writes it. Raises WrongCall if that fails."""
        self._made.seek(0)
        put(self._sums.around(iter(partial(self._made.read, PIECE), "")), self._cases, path)


def write_student(graded: Class, student: Student, results: Sequence[Result], path: Path) -> None:
    """Writes a student's report. Raises WrongCall if that fails."""
    put(student_xml(graded, student, results), _cases(graded, [student], results), path)


def _works(
    graded: Class, students: Sequence[Student], results: Iterable[Result]
) -> Iterator[tuple[Student, LabPlan, Result]]:
    """Each student and lab with its result, which is empty where `results` has none."""
    by_work = {(result.hand_in.author, result.hand_in.lab): result for result in results}
    missing = len(by_work) < len(students) * len(graded.labs)
    handed_in = {(h.author, h.lab): h for h in graded.hand_ins} if missing else {}
    for student in students:
        for plan in graded.labs:
            key = (graded.author_of(student), plan.name)
            hand_in = handed_in.get(key) or HandIn(*key, None)
            yield student, plan, by_work.get(key) or Result(hand_in, None)


def _cases(graded: Class, students: Sequence[Student], results: Iterable[Result]) -> int:
    """How many cases a report on them must hold."""
    cases = 0
    for _, _, result in _works(graded, students, results):
        run = result.run
        cases += len(run.verdicts) + (run.interrupted or _is_empty(run)) if run else 1
        cases += run is not None and result.total is not None
    return cases


def _suites(
    graded: Class,
    students: Sequence[Student],
    results: Iterable[Result],
    *,
    hidden: Collection[str] = (),
    names: set[str] | None = None,
) -> Iterable[ElementTree.Element]:
    """`names`: those that the report's suites have already."""
    names = set() if names is None else names
    for student, plan, result in _works(graded, students, results):
        name = unused(f"{plan.name}.{student.id}", names)
        whose = {"student": student.id, "name": student.name, "group": student.group}
        about = {key: visible(value) for key, value in whose.items() if value}
        if result.run is not None:
            judged, told = _of_run(name, result, result.run)
            told = {key: value for key, value in told.items() if key not in hidden}
            yield suite(result.run, name, judged, told | about, hidden=hidden)
        else:
            case, told = _without_run(name, plan, result)
            yield built(TestSuite(name, [case], properties=told | about))


def _without_run(name: str, plan: LabPlan, result: Result) -> tuple[TestCase, dict[str, str]]:
    """One case that says why there is no run, and the properties of its suite."""
    case = TestCase(HANDED_IN, name)
    absent, total = result.hand_in.is_absent, result.total
    told = "; ".join([why_no_run(result), *(result.hand_in.remarks if absent else ())])
    told = visible(shorten_middle(told, MAX_REASON))
    final = absent or total is not None or result.blame == "student"
    if total is not None:
        told = visible(shorten_middle(f"{total.told}; {told}", MAX_REASON))
        if total.points < total.possible:
            case.add_failure_info(told, told, "overridden")
    elif final:
        case.add_failure_info(told, told, "absent")
    else:
        case.add_error_info(f"open: {told}", f"open: {told}", "open")
    facts = {
        "lab": visible(plan.name),
        "points": str(total.points if total else 0) if final else "",
        "max_points": str(total.possible if total else plan.possible or ""),
        "provisional": str(not final).lower(),
        **({"override": visible(total.told)} if total else {}),
    }
    return case, facts


def _is_empty(run: Run) -> bool:
    """Whether nothing that counts could be judged: then the run is open, and must not be green."""
    return not tally(run.verdicts).possible


def _of_run(name: str, result: Result, run: Run) -> tuple[list[TestCase], dict[str, str]]:
    """The cases of a suite, and its properties."""
    found, told = cases(run, name), facts(run)
    if _is_empty(run) and not run.interrupted:
        doubt = TestCase(HANDED_IN, name)
        words = "open: nothing that counts could be judged"
        doubt.add_error_info(words, words, "open")
        found.append(doubt)
        told["provisional"] = "true"
    if result.total is not None:
        found = _decided(found, name, result.total)
        decided = {"points": str(result.total.points), "provisional": "false"}
        told |= {**decided, "override": _sentence(result.total)}
    return found, told


def _decided(judged: Sequence[TestCase], name: str, total: Total) -> list[TestCase]:
    """The cases of a run with a corrected total: only that decides, the rest is a record."""
    whole = total.points == total.possible
    for case in judged:
        for each in [*case.errors, *(case.failures if whole else ())]:
            case.add_skipped_info(each["message"], each["output"])
        case.errors.clear()
        if whole:
            case.failures.clear()
    decision = TestCase(CORRECTED, name)
    if not whole:
        decision.add_failure_info(_sentence(total), _sentence(total), "overridden")
    return [*judged, decision]


def _sentence(total: Total) -> str:
    return visible(shorten_middle(total.told, MAX_REASON))
