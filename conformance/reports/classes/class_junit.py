"""A class as JUnit XML: a test suite for each student and lab, in the dialect of `junit`.

    no result, final    failure     nothing was handed in
    no result, open     error       it is no fault of the student's, and not yet known

Points that a teacher has corrected decide about a case, not its outcome; the sentence that
says so is a property, `override`, and stands in the text. Where the total was corrected, a
case of its own decides: what is open then is skipped, and so is what failed, where all the
points were given. A student's own file holds what
the class reveals, and no seed: the payloads of the others are drawn from it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

from junit_xml import TestCase, TestSuite  # type: ignore[import-untyped]  # it has no stubs

from conformance.classes.model import Class, HandIn, LabPlan, Result, Student, Total
from conformance.reports.classes.reveal import revealed
from conformance.reports.run.junit import built, document, put, suite, unused
from conformance.reports.text.visible import shorten_middle, visible
from conformance.verdict.model import Run
from conformance.verdict.points import tally

HANDED_IN = "handed in"
"""Name of the case that stands for all clauses where there is no run."""

LONGEST = 1_000
"""Characters of why there is no run."""

CORRECTED = "total corrected by hand"
"""Name of the case that decides where a teacher has corrected a lab's total."""

Works = Mapping[tuple[str, str], Result]
"""By author and lab."""


def to_xml(graded: Class, results: Iterable[Result]) -> str:
    """The teacher's report: all students, all that is known."""
    works = _by_work(results)
    return document(list(_suites(graded, graded.students, works)))


def student_xml(graded: Class, student: Student, results: Iterable[Result]) -> str:
    """The student's own report; `results` that are not of the student's are left aside."""
    works = _by_work(
        revealed(result, graded.reveal)
        for result in results
        if result.hand_in.author == graded.author_of(student)
    )
    suites = list(_suites(graded, [student], works))
    for properties in (p for each in suites for p in each.iter("properties")):
        for item in properties.findall("property[@name='seed']"):
            properties.remove(item)
    return document(suites)


def write(graded: Class, results: Iterable[Result], path: Path) -> None:
    """Puts the class's report in place, read back. Raises WrongCall where it cannot."""
    results = list(results)
    put(to_xml(graded, results), _cases(graded, graded.students, _by_work(results)), path)


def write_student(graded: Class, student: Student, results: Iterable[Result], path: Path) -> None:
    """Puts a student's report in place, read back. Raises WrongCall where it cannot."""
    results = list(results)
    put(student_xml(graded, student, results), _cases(graded, [student], _by_work(results)), path)


def _by_work(results: Iterable[Result]) -> Works:
    return {(result.hand_in.author, result.hand_in.lab): result for result in results}


def _cases(graded: Class, students: Sequence[Student], works: Works) -> int:
    """How many cases a report on them must hold."""
    cases = 0
    for student in students:
        for plan in graded.labs:
            result = works.get((graded.author_of(student), plan.name))
            run = result.run if result else None
            cases += len(run.verdicts) + (run.interrupted or _is_empty(run)) if run else 1
            cases += run is not None and result is not None and result.total is not None
    return cases


def _suites(
    graded: Class, students: Sequence[Student], works: Works
) -> Iterable[ElementTree.Element]:
    names: set[str] = set()
    handed_in = {(h.author, h.lab): h for h in graded.hand_ins}
    for student in students:
        for plan in graded.labs:
            key = (graded.author_of(student), plan.name)
            name = unused(f"{plan.name}.{student.id}", names)
            result = works.get(key)
            if result is not None and result.run is not None:
                element = suite(result.run, name)
                if _is_empty(result.run) and not result.run.interrupted:
                    _add_doubt(element, name)
                if result.total is not None:
                    _decide(element, name, result.total)
            else:
                hand_in = handed_in.get(key) or HandIn(key[0], plan.name, None)
                element = _without_run(name, plan, result, hand_in)
            _say_whose(element, student)
            yield element


def _without_run(
    name: str, plan: LabPlan, result: Result | None, hand_in: HandIn
) -> ElementTree.Element:
    """One case that says why there is no run."""
    case = TestCase(HANDED_IN, name)
    absent = hand_in.is_absent
    told = "nothing handed in" if absent else "not graded yet"
    told = (result.told if result else "") or hand_in.problem or told
    told = "; ".join([told, *(hand_in.remarks if absent else ())])
    told = visible(shorten_middle(told, LONGEST))
    total = result.total if result else None
    final = absent or total is not None or (result is not None and result.blame == "student")
    if total is not None:
        told = visible(shorten_middle(f"{total.told}; {told}", LONGEST))
        if total.points < total.most:
            case.add_failure_info(told, told, "overridden")
    elif final:
        case.add_failure_info(told, told, "absent")
    else:
        case.add_error_info(f"open: {told}", f"open: {told}", "open")
    facts = {
        "lab": visible(plan.name),
        "points": str(total.points if total else 0) if final else "",
        "max_points": str(total.most if total else plan.max_points or ""),
        "provisional": str(not final).lower(),
        **({"override": visible(total.told)} if total else {}),
    }
    return built(TestSuite(name, [case], properties=facts))


def _is_empty(run: Run) -> bool:
    """Nothing that counts could be judged: it is open, and must not be green."""
    return not tally(run.verdicts).max_points


def _add_doubt(element: ElementTree.Element, name: str) -> None:
    told = "open: nothing that counts could be judged"
    case = ElementTree.SubElement(element, "testcase", {"classname": name, "name": HANDED_IN})
    ElementTree.SubElement(case, "error", {"type": "open", "message": told}).text = told
    for key in ("tests", "errors"):
        element.set(key, str(int(element.get(key, 0)) + 1))
    for item in element.findall("properties/property[@name='provisional']"):
        item.set("value", "true")


def _decide(element: ElementTree.Element, name: str, total: Total) -> None:
    """The teacher has corrected the total: that decides, and what was judged is on record."""
    whole = total.points == total.most
    for child in (child for case in element.iter("testcase") for child in case):
        if child.tag == "error" or (child.tag == "failure" and whole):
            child.tag = "skipped"
    case = ElementTree.SubElement(element, "testcase", {"classname": name, "name": CORRECTED})
    told = visible(shorten_middle(total.told, LONGEST))
    if not whole:
        ElementTree.SubElement(case, "failure", {"type": "overridden", "message": told}).text = told
    kinds = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    element.set("tests", str(len(element.findall("testcase"))))
    for key, tag in kinds.items():
        element.set(key, str(len(element.findall(f"testcase/{tag}"))))
    decided = {"points": str(total.points), "provisional": "false"}
    properties = element.find("properties")
    assert properties is not None, "every suite has some"
    for item in properties:
        item.set("value", decided.get(str(item.get("name")), str(item.get("value"))))
    ElementTree.SubElement(properties, "property", {"name": "override", "value": told})


def _say_whose(element: ElementTree.Element, student: Student) -> None:
    properties = element.find("properties")
    assert properties is not None, "every suite has some"
    whose = {"student": student.id, "name": student.name, "group": student.group}
    for name, value in whose.items():
        if value:
            told = {"name": name, "value": visible(value)}
            ElementTree.SubElement(properties, "property", told)


__all__ = ["HANDED_IN", "student_xml", "to_xml", "write", "write_student"]
