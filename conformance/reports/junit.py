"""JUnit XML in the dialect that GitLab, Jenkins' plugins, CodeGrade and pytest agree on.

    FAILED          failure     type: wrong, late, absent
    INCONCLUSIVE    error       the grade is open, the pipeline must not be green
    NOT RUN         skipped
    SHOULD fails    skipped     with its text: advice, unless it counts (--strict)

junit-xml drops what XML cannot carry, and fails on lone surrogates: every text is made
visible first. It knows no properties of a test case: ElementTree adds them. The
submission's texts stand in elements, never in system-out, where Jenkins and GitLab
would take `[[ATTACHMENT|path]]` for an order to attach a file of the grader's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

from junit_xml import TestCase, TestSuite  # type: ignore[import-untyped]  # it has no stubs

from conformance.marks import counts, tally
from conformance.model import Attempt, Outcome, Run, Verdict
from conformance.reports.account import Page, account, conversed, expected_and_actual
from conformance.reports.console import in_words
from conformance.reports.file import put_in_place
from conformance.reports.visible import shorten_middle, visible

_PAGE = Page(width=100, whole=True)
"""Where the text is read: as is, in a fixed font, without colours."""

MESSAGE = 240
"""Characters of a message: platforms show it as one line of a table."""

_COUNTED = {"failure": "failures", "error": "errors", "skipped": "skipped"}

INTERRUPTED = "run interrupted"
"""Name of the case that keeps an interrupted run from looking complete."""


def to_xml(runs: Sequence[Run]) -> str:
    """The report on the runs, a test suite each."""
    root = ElementTree.Element("testsuites", {"name": "conformance"})
    seen: Counter[str] = Counter()
    for run in runs:
        name = visible(f"{run.lab}.{run.submission}")
        seen[name] += 1
        if seen[name] > 1:  # GitLab keeps only the first of two cases of one name
            name = f"{name} ({seen[name]})"
        root.append(_suite(run, name))
    for key in ("tests", *_COUNTED.values()):
        root.set(key, str(sum(int(suite.get(key, 0)) for suite in root)))
    root.set("time", f"{sum(run.seconds for run in runs):.3f}")
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, "unicode") + "\n"


def write(runs: Sequence[Run], path: Path) -> None:
    """Puts the report in place, once it has been read back and holds every case.

    Raises WrongCall where it cannot be written.
    """
    text = to_xml(runs)
    _read_back(text, sum(len(run.verdicts) + run.interrupted for run in runs))
    put_in_place(path, text)


def _read_back(text: str, cases: int) -> None:
    root = ElementTree.fromstring(text.encode())
    kinds = Counter(element.tag for element in root.iter())
    promised = {tag: int(root.get(key, -1)) for tag, key in _COUNTED.items()}
    if kinds["testcase"] != cases or any(kinds[tag] != promised[tag] for tag in promised):
        raise AssertionError(f"the JUnit report does not hold what it says: {dict(kinds)}")


def _suite(run: Run, name: str) -> ElementTree.Element:
    cases = [_case(verdict, run, name) for verdict in run.verdicts]
    if run.interrupted:
        cases.append(_interruption(name))
    suite = TestSuite(name, cases, timestamp=visible(run.started), properties=_facts(run))
    element: ElementTree.Element = suite.build_xml_doc()
    del element.attrib["disabled"]  # no reader of this dialect knows it
    element.set("time", f"{run.seconds:.3f}")  # instead of a sum with fifteen decimals
    for case, verdict in zip(element.iter("testcase"), run.verdicts, strict=False):
        case.set("time", f"{verdict.seconds:.3f}")  # junit-xml leaves out a time of 0
        case.insert(0, _properties(details(verdict, run)))
    return element


def _case(verdict: Verdict, run: Run, classname: str) -> TestCase:
    name = visible(f"{verdict.clause.number} {verdict.clause.scenario}")
    case = TestCase(name, classname, verdict.seconds)
    is_advice = not verdict.counts and not counts(verdict, strict=run.strict)
    match verdict.outcome:
        case Outcome.FAILED if is_advice:
            message, text = message_and_text(verdict, "advice, costs no points: ")
            case.add_skipped_info(message, text)
        case Outcome.FAILED:
            kind = verdict.fault.value if verdict.fault else "violation"
            case.add_failure_info(*message_and_text(verdict), kind)
        case Outcome.INCONCLUSIVE:
            case.add_error_info(*message_and_text(verdict, "inconclusive: "), "inconclusive")
        case Outcome.NOT_RUN:
            case.add_skipped_info(*message_and_text(verdict, "not run: "))
    return case


def message_and_text(verdict: Verdict, beginning: str = "") -> tuple[str, str]:
    """The message, and the text: GitLab shows only the text, others only the message."""
    if verdict.outcome is Outcome.FAILED:
        expected, actual = visible(verdict.expected), visible(verdict.actual)
        half = MESSAGE // 2
        what = f"expected {shorten_middle(expected, half)}, got {shorten_middle(actual, half)}"
    else:
        what = visible(verdict.reason) or "no reason was given"
    words = f"{in_words(verdict.clause.scenario)}: {shorten_middle(what, MESSAGE)}"
    message = beginning + visible(words)
    rows = [message, "", *(row.plain for row in account(verdict, _PAGE))]
    for number, attempt in enumerate(verdict.earlier, 1):
        if attempt.transcript != verdict.transcript:  # else it is the one just told
            rows += ["", *_attempt(number, attempt)]
    return message, "\n".join(rows) + "\n"


def _attempt(number: int, attempt: Attempt) -> list[str]:
    """An attempt before the one that counts: with it, a doubt can be judged by eye."""
    heading = f"  attempt {number}: {attempt.outcome.value.replace('_', ' ')}"
    rows = [_PAGE.line(heading)]
    if attempt.expected or attempt.actual:
        rows += expected_and_actual(attempt.expected, attempt.actual, _PAGE)
    rows += conversed(attempt.transcript, _PAGE)
    return [row.plain for row in rows]


def _interruption(classname: str) -> TestCase:
    case = TestCase(INTERRUPTED, classname)
    told = "the run was interrupted: clauses that are not in this report were not judged"
    case.add_error_info(told, told, "interrupted")
    return case


def _facts(run: Run) -> dict[str, str]:
    total = tally(run.verdicts)
    told = {
        "suite": run.suite,
        "lab": run.lab,
        "submission": run.submission,
        "tier": run.tier,
        "seed": run.seed,
        "strict": run.strict,
        "points": total.points,
        "max_points": total.max_points,
        "provisional": total.provisional or run.interrupted,
        "interrupted": run.interrupted,
        **{f"parameter.{name}": value for name, value in run.parameters.items()},
        **{f"note.{number}": note for number, note in enumerate(run.notes, 1)},
    }
    return {visible(name): _value(value) for name, value in told.items()}


def details(verdict: Verdict, run: Run) -> Mapping[str, str]:
    """The properties of a test case."""
    told = {
        "clause": verdict.clause.number,
        "section": verdict.clause.section,
        "level": verdict.level.value,
        "outcome": verdict.outcome.value,
        "points": "" if verdict.points is None else verdict.points,
        "max_points": verdict.max_points,
        "tier": run.tier,
        "lab": run.lab,
        "seed": run.seed,
        **{f"note.{number}": note for number, note in enumerate(verdict.notes, 1)},
    }
    return {name: _value(value) for name, value in told.items()}


def _value(value: object) -> str:
    """As JSON has it: true, not True."""
    return visible(str(value).lower() if isinstance(value, bool) else str(value))


def _properties(told: Mapping[str, str]) -> ElementTree.Element:
    element = ElementTree.Element("properties")
    for name, value in told.items():
        ElementTree.SubElement(element, "property", {"name": name, "value": value})
    return element
