"""JUnit XML in the dialect that GitLab, Jenkins' plugins, CodeGrade and pytest agree on; for
readers that insist on another, `junit_dialects` rewrites it.

    FAILED          failure     type: wrong, late, absent
    INCONCLUSIVE    error       the grade is open, the pipeline must not be green
    NOT RUN, open   error       the same: a class's gate was decided by hand
    NOT RUN         skipped     not shown, or left out by the call
    not shown       failure     if nothing else fails: it costs points, too
    SHOULD fails    skipped     with its text: advice, unless it counts (--strict)
    --search        a property of the suite: it costs no points

junit-xml drops characters that XML forbids, and fails on lone surrogates: every text is made
visible first. It cannot write properties of a test case: ElementTree adds them. The
submission's texts are never written to system-out: there, Jenkins and GitLab would obey
`[[ATTACHMENT|path]]`, and attach any file of the grader's. Only captures (--keep) are
attached that way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

from junit_xml import TestCase, TestSuite  # type: ignore[import-untyped]  # it has no stubs

from conformance.reports.run.account import account, times
from conformance.reports.run.console import how_started
from conformance.reports.run.conversation import conversed
from conformance.reports.run.junit_dialects import COMMON, rewrite
from conformance.reports.run.listing import in_words
from conformance.reports.run.place import place_of
from conformance.reports.run.searched import in_one_sentence
from conformance.reports.text import palette
from conformance.reports.text.comparison import expected_and_actual, sides
from conformance.reports.text.contract_words import in_language
from conformance.reports.text.file import put_in_place
from conformance.reports.text.page import Page
from conformance.reports.text.visible import (
    MAX_WRAPPED,
    disarm,
    shorten_middle,
    visible,
    without_colours,
)
from conformance.verdict.model import Attempt, Outcome, Run, Verdict
from conformance.verdict.points import counts, is_advice, tally_of, told_left_out, told_not_shown
from conformance.words import _, said

_PAGE = Page(width=100, whole=True)
"""Platforms show the text in a fixed font, without colours."""

MAX_MESSAGE = MAX_WRAPPED
"""Characters of a message. Platforms show it in one line of a table; some show only that."""

_ROOT = "testsuites"
_COUNTED = {"failure": "failures", "error": "errors", "skipped": "skipped"}

INTERRUPTED = "run interrupted"
"""Name of the case that is added to an interrupted run: it must not look complete."""


def to_xml(runs: Sequence[Run], dialect: str = COMMON) -> str:
    """The report on the runs: a test suite for each."""
    names: set[str] = set()
    named = [(run, unused(f"{run.lab}.{run.submission}", names)) for run in runs]
    suites = [suite(run, name, cases(run, name), facts(run)) for run, name in named]
    return document(suites, dialect)


def document(suites: Sequence[ElementTree.Element], dialect: str = COMMON) -> str:
    """The XML of a whole report, with the sums of its test suites."""
    sums = Sums(dialect)
    parts = [sums.part(suite) for suite in suites]
    return "".join(sums.around(parts))


class Sums:
    """The sums of a report that is written suite by suite: they stand before the suites."""

    def __init__(self, dialect: str = COMMON) -> None:
        self._dialect = dialect
        self._suites = 0
        self._counts: Counter[str] = Counter()
        self._seconds: list[float] = []

    def part(self, suite: ElementTree.Element) -> str:
        """The text of the next test suite."""
        for key in ("tests", *_COUNTED.values()):
            self._counts[key] += int(suite.get(key, 0))
        self._seconds.append(float(suite.get("time", 0)))
        root = ElementTree.Element(_ROOT)
        root.append(suite)
        rewrite(root, self._dialect, first=self._suites)
        self._suites += 1
        ElementTree.indent(root)
        _, _, text = ElementTree.tostring(root, "unicode").partition("\n")
        return text.removesuffix(f"</{_ROOT}>")

    def around(self, parts: Iterable[str]) -> Iterator[str]:
        """The whole report, in pieces, of the texts of all its suites."""
        root = ElementTree.Element(_ROOT, {"name": "conformance"})
        for key in ("tests", *_COUNTED.values()):
            root.set(key, str(self._counts[key]))
        root.set("time", f"{sum(self._seconds):.3f}")
        rewrite(root, self._dialect)
        alone = ElementTree.tostring(root, "unicode")
        yield '<?xml version="1.0" encoding="utf-8"?>\n'
        if not self._suites:
            yield f"{alone}\n"
            return
        yield f"{alone.removesuffix(' />')}>\n"
        yield from parts
        yield f"</{_ROOT}>\n"


def unused(name: str, names: set[str]) -> str:
    """A name that is not in `names`: `name` itself, if possible. It is added to them."""
    name = disarm(visible(name))
    free, number = name, 1
    while free in names:  # GitLab keeps only the first of two cases of one name
        number += 1
        free = f"{name} ({number})"
    names.add(free)
    return free


def write(runs: Sequence[Run], path: Path, dialect: str = COMMON) -> None:
    """Writes the report on the runs, as `put` does."""
    cases = sum(len(run.verdicts) + run.interrupted for run in runs)
    put(to_xml(runs, dialect), cases, path)


def write_run(run: Run, path: Path, *, dialect: str = COMMON) -> None:
    write([run], path, dialect)


def put(text: str | Iterable[str], cases: int, path: Path) -> None:
    """Writes a report, whole or in pieces, after checking that it can be parsed and holds so many
    cases.

    Raises WrongCall if it cannot be written.
    """
    put_in_place(path, _checked([text] if isinstance(text, str) else text, cases))


def _checked(pieces: Iterable[str], cases: int) -> Iterator[str]:
    kinds: Counter[str] = Counter()
    promised: Counter[str] = Counter()

    def begins(tag: str, attributes: Mapping[str, str]) -> None:
        kinds[tag] += 1
        if tag == "testsuite":
            promised.update({of: int(attributes.get(key, -1)) for of, key in _COUNTED.items()})

    parser = expat.ParserCreate()  # no tree is needed: of a class it would be a large one
    parser.StartElementHandler = begins
    for piece in pieces:
        parser.Parse(piece.encode(), False)
        yield piece
    parser.Parse(b"", True)
    if kinds["testcase"] != cases or any(kinds[tag] != promised[tag] for tag in promised):
        raise AssertionError(f"the JUnit report does not hold what it says: {dict(kinds)}")


def cases(run: Run, name: str) -> list[TestCase]:
    """A case for each clause, and one more if the run was interrupted. Where a teacher has
    corrected a clause, only the points decide whether its case fails."""
    run = in_language(run)
    found = [_case(verdict, run, name) for verdict in run.verdicts]
    if not any(case.is_failure() for case in found):
        for case, verdict in zip(found, run.verdicts, strict=True):
            if verdict.not_shown and counts(verdict, strict=run.strict) and not verdict.corrected:
                case.skipped.clear()
                case.add_failure_info(*message_and_text(verdict, _("not shown: ")), "not shown")
    if run.interrupted:
        told = _("the run was interrupted: clauses that are not in this report were not judged")
        found.append(TestCase(INTERRUPTED, name))
        found[-1].add_error_info(told, told, "interrupted")
    return found


def suite(
    run: Run,
    name: str,
    cases: Sequence[TestCase],
    facts: Mapping[str, str],
    *,
    hidden: Collection[str] = (),
) -> ElementTree.Element:
    """A run's test suite. Its first cases are those of the run's clauses. They get properties,
    except those called as in `hidden`."""
    element = built(TestSuite(name, cases, timestamp=visible(run.started), properties=facts))
    element.set("time", f"{run.seconds:.3f}")  # instead of a sum with fifteen decimals
    for case, verdict in zip(element.iter("testcase"), run.verdicts, strict=False):
        case.set("time", f"{verdict.seconds:.3f}")  # junit-xml leaves out a time of 0
        properties = ElementTree.Element("properties")
        for key, value in details(verdict, run).items():
            if key not in hidden:
                ElementTree.SubElement(properties, "property", {"name": key, "value": value})
        case.insert(0, properties)
    return element


def built(suite: TestSuite) -> ElementTree.Element:
    """A test suite of junit-xml's as an element."""
    element: ElementTree.Element = suite.build_xml_doc()
    del element.attrib["disabled"]  # no reader of this dialect knows it
    return element


def _case(verdict: Verdict, run: Run, classname: str) -> TestCase:
    name = visible(f"{verdict.clause.number} {verdict.clause.scenario}")
    place = place_of(verdict.attempt)
    file = place[0] if place and verdict.outcome is not Outcome.PASSED else None
    case = TestCase(name, classname, verdict.seconds, file=file)
    match verdict.outcome:
        case _ if verdict.corrected and verdict.counts:
            if (verdict.points or 0) < verdict.possible:
                told = visible(shorten_middle(verdict.corrected, MAX_MESSAGE))
                case.add_failure_info(*message_and_text(verdict, f"{told}; "), "overridden")
        case Outcome.FAILED if is_advice(verdict, strict=run.strict):
            message, text = message_and_text(verdict, _("advice, costs no points: "))
            case.add_skipped_info(message, text)
        case Outcome.FAILED:
            kind = verdict.attempt.fault.value if verdict.attempt.fault else "violation"
            case.add_failure_info(*message_and_text(verdict), kind)
        case Outcome.INCONCLUSIVE:
            case.add_error_info(*message_and_text(verdict, _("inconclusive: ")), "inconclusive")
        case Outcome.NOT_RUN if verdict.is_hidden:
            case.add_skipped_info(*message_and_text(verdict, _("hidden: ")))
        case Outcome.NOT_RUN if verdict.points is None and _nothing_else_is_open(run):
            case.add_error_info(*message_and_text(verdict, _("open: ")), "inconclusive")
        case Outcome.NOT_RUN:
            case.add_skipped_info(*message_and_text(verdict, _(palette.word(verdict)) + _(": ")))
    case.stdout = attachments(verdict)
    return case


def _nothing_else_is_open(run: Run) -> bool:
    """Whether no clause is inconclusive any more, since a teacher has decided those that were. Then
    the clauses that are open because of them must keep the pipeline from being green."""
    return not any(v.outcome is Outcome.INCONCLUSIVE and v.points is None for v in run.verdicts)


def attachments(verdict: Verdict) -> str | None:
    """The capture files of a verdict, in the lines by which Jenkins and GitLab attach files."""
    captures = [held.capture for held in (verdict.attempt, *verdict.earlier)]
    files = [
        str(file)
        for capture in dict.fromkeys(filter(None, captures))
        for file in (Path(capture), Path(capture).with_suffix(".txt"))
    ]
    # A path that could be misread as something else is not attached.
    plain = [file for file in files if visible(file) == file and not set("[]|") & set(file)]
    return "\n".join(f"[[ATTACHMENT|{file}]]" for file in plain) or None


def message_and_text(verdict: Verdict, beginning: str = "") -> tuple[str, str]:
    """The message and the text of a case. GitLab shows only the text, others only the message."""
    held = verdict.attempt
    if held.outcome is Outcome.FAILED and (held.expected or held.actual):
        expected, actual = map(visible, sides(held))
        half = MAX_MESSAGE // 2
        room = max(half, MAX_MESSAGE - len(actual)), max(half, MAX_MESSAGE - len(expected))
        wanted, got = shorten_middle(expected, room[0]), shorten_middle(actual, room[1])
        what = _("expected {wanted}, got {got}").format(wanted=wanted, got=got)
    elif verdict.outcome in (Outcome.PASSED, Outcome.FAILED):
        what = _(verdict.outcome.value)  # corrected by hand, or the evidence is not revealed
    else:
        what = visible(without_colours(said(palette.why(verdict))))
    most = MAX_MESSAGE + len("expected , got ")
    words = f"{in_words(verdict.clause.scenario)}{_(': ')}{shorten_middle(what, most)}"
    message = disarm(beginning + visible(words))
    rows = [message, "", *(row.plain for row in account(verdict, _PAGE))]
    for number, attempt in enumerate(verdict.earlier, 1):
        if attempt.transcript != held.transcript:  # else it is the one just described
            rows += ["", *_attempt(number, attempt)]
    return message, "\n".join(rows) + "\n"


def _attempt(number: int, attempt: Attempt) -> list[str]:
    """An attempt before the one that counts, so that a reader can judge a doubt."""
    outcome = attempt.outcome.value.replace("_", " ")
    heading = "  " + said(f"attempt {number}: {outcome}")
    rows = [_PAGE.line(heading)]
    if attempt.expected or attempt.actual:
        rows += expected_and_actual(attempt, _PAGE)
    rows += conversed(attempt, _PAGE)
    rows += times(attempt, _PAGE)
    return [row.plain for row in rows]


def facts(run: Run) -> dict[str, str]:
    """The properties of a run's test suite."""
    total = tally_of(run)
    missing = filter(None, (told_not_shown(run.verdicts), told_left_out(run)))
    told = {
        "suite": run.suite,
        "lab": run.lab,
        "submission": run.submission,
        "tier": run.tier,
        "seed": run.seed,
        "strict": run.strict,
        "points": total.points,
        "max_points": total.possible,
        "not_shown": total.not_shown,
        "provisional": total.provisional or run.interrupted,
        "interrupted": run.interrupted,
        **({"started": said(how_started(run))} if run.command else {}),
        **{f"parameter.{name}": value for name, value in run.parameters.items()},
        **({"network": run.network} if run.network else {}),
        **{
            f"note.{number}": said(note)
            for number, note in enumerate([*run.notes, *filter(None, missing)], 1)
        },
        **{f"common.{number}": said(each.told) for number, each in enumerate(run.common, 1)},
        **({"search": said(in_one_sentence(run.search))} if run.search else {}),
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
        "max_points": verdict.possible,
        "blame": verdict.attempt.blame.value if verdict.attempt.blame else "",
        "behind": " ".join(verdict.attempt.behind),
        "kind": verdict.attempt.kind.value if verdict.attempt.kind else "",
        "tier": run.tier,
        "lab": run.lab,
        "seed": run.seed,
        **{f"note.{number}": said(note) for number, note in enumerate(verdict.notes, 1)},
        **({"override": verdict.corrected} if verdict.corrected else {}),
    }
    return {name: _value(value) for name, value in told.items()}


def _value(value: object) -> str:
    """The value as JSON writes it: true, not True."""
    return disarm(visible(str(value).lower() if isinstance(value, bool) else str(value)))
