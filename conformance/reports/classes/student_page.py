"""A page of plain text for one student: the points, what they rest on, and how to go on.

It holds only what the class reveals, and nothing that is for the teacher alone.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from conformance.classes.model import (
    Class,
    HandIn,
    LabPlan,
    LatePolicy,
    Result,
    Reveal,
    Student,
    SymptomNote,
)
from conformance.classes.results.grades import Grade, LabGrade
from conformance.classes.results.lateness import told_moment, told_policy
from conformance.classes.results.scale import plain
from conformance.reports.classes.reveal import SERVER, revealed, why_no_run
from conformance.reports.run.account import account
from conformance.reports.run.console import how_started
from conformance.reports.run.listing import in_words, score, titled
from conformance.reports.run.searched import searched
from conformance.reports.text import palette
from conformance.reports.text.contract_words import in_language
from conformance.reports.text.page import Page
from conformance.reports.text.visible import MAX_WRAPPED, shorten_middle, visible
from conformance.run.prepare import written_arguments
from conformance.verdict.model import Outcome, Run, Verdict
from conformance.verdict.points import counted, fraction, told_left_out, told_not_shown
from conformance.words import _, said

_PAGE = Page(width=90)
"""The page is read in an editor, or in a mail."""

MAX_NAME = 200
"""Characters of a name."""

WHAT_TO_HAND_IN = (
    "Hand in the program itself: a .py, .java, .jar, .js or .c file, a folder of its sources, or"
    " a .zip or .tar.gz of one of these (a .zip will do instead of a .rar or .7z)."
    " `conformance check` on your own machine says whether it can be started."
)


def page(graded: Class, student: Student, grade: Grade, results: Iterable[Result]) -> str:
    """The page. Results of others in `results` are ignored."""
    rows = [*_head(graded, student), "", *_overview(grade)]
    rows += [row for told in grading_rules(graded) for row in _prose(told, "  ")]
    for plan, worth, result in labs_of(graded, student, grade, results):
        rows += ["", "", *_Part(graded, plan, worth, result).rows()]
    return "\n".join(row.rstrip() for row in rows) + "\n"


def labs_of(
    graded: Class, student: Student, grade: Grade, results: Iterable[Result]
) -> Iterator[tuple[LabPlan, LabGrade, Result]]:
    """Each lab with what it is worth to the student, and the result as far as the class reveals it,
    in the words of the lab's contract. Results of others in `results` are ignored."""
    author = graded.author_of(student)
    known = {each.hand_in.lab: each for each in results if each.hand_in.author == author}
    handed_in = {each.lab: each for each in graded.hand_ins if each.author == author}
    for plan, worth in zip(graded.labs, grade.labs, strict=True):
        hand_in = handed_in.get(plan.name) or HandIn(author, plan.name, None)
        result = known.get(plan.name)
        shown = revealed(result, graded.reveal) if result else Result(hand_in, None)
        yield plan, worth, replace(shown, run=in_language(shown.run)) if shown.run else shown


def _line(*parts: str) -> str:
    return _PAGE.line(*parts).plain


def _prose(text: str, indent: str = "", *, ours: bool = True) -> list[str]:
    return [row.plain for row in _PAGE.prose(text, indent=indent, ours=ours)]


def _short(text: str) -> str:
    """A name, not too long."""
    return visible(shorten_middle(text, MAX_NAME))


def _head(graded: Class, student: Student) -> Iterator[str]:
    yield _line(title_of(graded))
    yield _line(called(student))


def title_of(graded: Class) -> str:
    return _short(graded.title or _("Results"))


def called(student: Student) -> str:
    """The student's name, id and group."""
    group = said(f"group {student.group}") if student.group else ""
    who = [student.name, student.id, group]
    return " · ".join(_short(word) for word in who if word)


def _overview(grade: Grade) -> Iterator[str]:
    """A line for each lab, and the grade."""
    width = max((len(visible(lab.lab)) for lab in grade.labs), default=0)
    for lab in grade.labs:
        yield _line(f"  {visible(lab.lab):<{width}}  {points_of(lab)}")
    yield ""
    yield from _prose(grade_in_words(grade), "  ", ours=False)


def points_of(lab: LabGrade) -> str:
    """The points of a lab, and what is left of them after lateness."""
    late = said(f", {lab.earned:f} after lateness") if lab.late.cost and lab.points else ""
    return f"{_of(lab)}{late}"


def grade_in_words(grade: Grade) -> str:
    if grade.hidden:
        if grade.is_open:
            return said(
                "No grade here: clauses are hidden, and their points count; something else is still"
                f" open, which has cost you no point. It is at least {grade.percent:f} %."
            )
        return said(
            "No grade here: clauses are hidden, and their points count. It is at least"
            f" {grade.percent:f} %."
        )
    if grade.provisional:
        return said(
            f"No grade yet: something is still open. It is at least {grade.percent:f} %, and"
            " nothing that is open has cost you a point."
        )
    if grade.grade == f"{grade.percent:f}":
        return said(f"Grade: {grade.grade} %")
    return said(f"Grade: {_short(grade.grade)} ({grade.percent:f} %)")


def grading_rules(graded: Class) -> Iterator[str]:
    """How the grade is computed: the weight of each lab, the scale, and the rule about lateness.
    Each is a sentence or two."""
    every = sum(plan.weight for plan in graded.labs)
    if len(graded.labs) > 1 and every:
        shares = [
            f"{_short(plan.name)} {_number(round(100 * plan.weight / every, 1))} %"
            for plan in graded.labs
        ]
        told = "Each lab counts by the share of its points that was earned, with these weights"
        yield f"{_(told)}{_(': ')}{_and(shares)}."
    if graded.scale != "percent" or graded.step:
        told = _("The scale from percent to grades: {scale}.")
        if graded.step:
            told = _("The scale from percent to grades: {scale}, in steps of {step}, halves up.")
        yield told.format(scale=_short(graded.scale), step=_short(graded.step))
    if (told := told_policy(graded.late)) and any(plan.deadline for plan in graded.labs):
        yield said(told)


def _and(words: Sequence[str]) -> str:
    return _(" and ").join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _of(lab: LabGrade) -> str:
    if lab.is_open and not lab.points:
        return _("still open")
    told = score(lab.points, lab.possible)
    if lab.is_open:
        told = _("{told} so far, something is open").format(told=told)
    if lab.hidden:
        told = _("{told}; {hidden} hidden").format(told=told, hidden=said(counted(lab.hidden)))
    return told


def _number(value: float) -> str:
    """The number without trailing zeros: 20, 7.5."""
    text = f"{value:.2f}"
    return text.rstrip("0").rstrip(".")


@dataclass
class _Part:
    """What the page says about one lab."""

    graded: Class
    plan: LabPlan
    worth: LabGrade
    result: Result

    def rows(self) -> Iterator[str]:
        run, total = self.result.run, self.result.total
        title = lab_title(self.plan, run)
        yield _line(title)
        yield _line("=" * min(len(title), _PAGE.width))
        for told in told_of_hand_in(self.graded, self.plan, self.worth, self.result):
            yield from _prose(told, ours=False)
        yield ""
        if run is None:
            for told in why_not_judged(self.worth, self.result):
                yield from _prose(told, ours=False)
        else:
            yield from _judged(run, self.result.notes, decided=total is not None)
            if not self.worth.possible:
                yield from ["", *_prose(NOTHING_JUDGED)]
        if self.graded.reveal is Reveal.HINTS:
            yield ""
            yield _line(_("run it yourself"), "  ", own_command(self.plan))


NOTHING_JUDGED = "Nothing that counts could be judged: still open."


def lab_title(plan: LabPlan, run: Run | None) -> str:
    return f"{visible(plan.name)}{f': {_short(run.title)}' if run and run.title else ''}"


def told_of_hand_in(graded: Class, plan: LabPlan, worth: LabGrade, result: Result) -> Iterator[str]:
    """When it was handed in, what lateness costs, remarks, and what a teacher has decided: a
    paragraph each."""
    told, hand_in = [], result.hand_in
    if hand_in.submitted:
        told.append(f"Handed in on {told_moment(hand_in.submitted, plan)}")
    if plan.deadline:
        told.append(f"the deadline was {told_moment(plan.deadline, plan)}")
    own = worth.late.deadline
    if own and own != plan.deadline:
        told.append(f"your own deadline was {told_moment(own, plan)}")
    if told:
        sentence = f"{', '.join(map(said, told))}."
        yield sentence[0].upper() + sentence[1:]
    if worth.late.days:
        yield said(_lateness(worth, graded.late))
    for remark in hand_in.remarks:
        yield said(f"Note: {visible(shorten_middle(remark, MAX_WRAPPED))}")
    judged = result.run.verdicts if result.run else ()
    if clauses := ", ".join(verdict.clause.number for verdict in judged if verdict.corrected):
        yield said(f"Your teacher has corrected the points of {clauses}.")
    if result.total:
        yield said(f"{result.total.told}. That decides; what was judged is below.")


def why_not_judged(worth: LabGrade, result: Result) -> Iterator[str]:
    """What is said in place of a run, a paragraph each."""
    told = visible(shorten_middle(why_no_run(result), MAX_WRAPPED))
    if result.total:
        yield said(f"Not judged: {told}.")
    elif worth.provisional:
        yield said(f"Still open: {told}.")
        yield _("It has cost you no point; your teacher will see to it.")
        if result.refused:
            yield said(WHAT_TO_HAND_IN)
    else:
        told = _("{reason}: no points.").format(reason=said(told))
        yield told[:1].upper() + told[1:]


def _lateness(worth: LabGrade, late: LatePolicy) -> str:
    """What lateness costs. The policy itself is printed above."""
    told = f"Late by {counted(worth.late.days, 'day')}"
    if worth.late.waived:
        return f"{told}, which was waived: it costs nothing."
    if not (late.per_day and late.most):
        return f"{told}, which costs nothing."
    if not (worth.points and worth.late.cost):
        return f"{told}."
    lost = f"{plain(worth.late.cost)} %"
    points = counted(worth.points)
    return f"{told}: of {points} {lost} are lost, {worth.earned:f} count."


def own_command(plan: LabPlan) -> str:
    """The student's own command. It has no seed: the others' payloads are drawn from it, too."""
    words = ["conformance", "check", SERVER, "--lab", plan.name]
    words += ["--only", plan.only] if plan.only else []
    for name, value in plan.settings.items():
        words += ["--set", f"{name}={value}"]
    words += ["--arguments", written_arguments(plan.arguments)] if plan.arguments else []
    words += ["--network", str(plan.network)] if plan.network else []
    words += ["--strict"] if "all" in plan.counts else []
    return visible(shlex.join(words))


def _judged(run: Run, notes: Sequence[SymptomNote], *, decided: bool) -> Iterator[str]:
    """The clauses in a table, then the accounts of those that do not pass.

    `decided`: a teacher has corrected the total, so that nothing is open any more.
    """
    ordered = sorted(run.verdicts, key=lambda verdict: verdict.clause.order)
    section = ""
    for verdict in ordered:
        number = verdict.clause.number.split(".")[0]
        if (heading := visible(f"{number} {verdict.clause.section}".rstrip())) != section:
            section = heading
            yield _line("  ", section)
        yield from _clause(verdict, run)
    for told in filter(None, (told_not_shown(run.verdicts), told_left_out(run))):
        told = said(told)
        yield from ["", *_prose(f"{told[:1].upper()}{told[1:]}.", ours=False)]
    for note in run.notes:
        yield from ["", *_prose(note)]
    if how := how_started(run):
        yield from ["", *_prose(how)]
    if run.interrupted:
        yield ""
        yield _("The run was interrupted: clauses that are not listed are still open.")
    for common in run.common:
        yield from ["", *_prose(common.told)]
    for advice in notes:
        yield from ["", *_prose(advice.told)]
    yield from (row.plain for row in searched(run.search, _PAGE))
    for verdict in ordered:
        if verdict.outcome in (Outcome.FAILED, Outcome.INCONCLUSIVE):
            yield from _told(verdict, run, decided=decided)
    yield from _not_run(ordered, decided=decided)


def _clause(verdict: Verdict, run: Run) -> Iterator[str]:
    mark = palette.mark(verdict, strict=run.strict)[0]
    left = f"    {mark} {verdict.clause.number:<5} "
    right = f" {verdict.level.value:<6} {fraction(verdict):>5}"
    room = _PAGE.width - len(left) - len(right)
    words = titled(verdict, room)
    yield _line(left, f"{words:<{room}}", right)
    if verdict.corrected:
        yield from _prose(verdict.corrected, " " * 12)
    if verdict.outcome is Outcome.PASSED:
        for note in verdict.attempt.notes:
            yield from _prose(note, " " * 12)


def _told(verdict: Verdict, run: Run, *, decided: bool) -> Iterator[str]:
    """The account of a clause that does not pass, under a heading."""
    mark = palette.mark(verdict, strict=run.strict)[0]
    advice = mark == palette.ADVICE_MARK
    if advice:
        right = _("advice: costs no points")
    elif verdict.points is None and not decided:
        right = said(f"still open: {counted(verdict.possible)}")
    else:
        points = score(verdict.points or 0, verdict.possible)
        right = f"{verdict.level.value}, {points}"
    left = f"{mark} {verdict.clause.number} {visible(in_words(verdict.clause.scenario))}"
    yield from ["", _line(left, " " * max(2, _PAGE.width - len(left) - len(right)), right), ""]
    if verdict.corrected:
        yield from [*_prose(verdict.corrected, "  "), ""]
    if verdict.points is None:
        yield from [*_prose("This could not be judged, which is no fault of yours.", "  "), ""]
    judged = replace(verdict, corrected="")  # it is printed above
    yield from (row.plain for row in account(judged, _PAGE, conversation=not advice))


def _not_run(ordered: Sequence[Verdict], *, decided: bool) -> Iterator[str]:
    """The clauses that were not run, grouped by reason. Clauses that were not shown are left out:
    their lines in the table say so."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for verdict in ordered:
        if verdict.outcome is Outcome.NOT_RUN and not palette.behind(verdict):
            is_open = verdict.points is None and not decided and not verdict.is_hidden
            heading = "still open, not run" if is_open else palette.word(verdict)
            reasons.setdefault((palette.why(verdict), heading), []).append(verdict.clause.number)
    for (reason, heading), numbers in reasons.items():
        yield ""
        yield from _prose(
            palette.MARKS[Outcome.NOT_RUN] + f" {_(heading)}{_(': ')}{', '.join(numbers)}"
        )
        yield from _prose(reason, "  ")
