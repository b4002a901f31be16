"""A page of plain text for one student: the points, what they rest on, and how to go on.

It holds only what the class reveals, and nothing that is for the teacher alone.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from conformance.classes.model import Class, HandIn, LabPlan, LatePolicy, Result, Reveal, Student
from conformance.classes.results.grades import Grade, LabGrade
from conformance.classes.results.lateness import told_moment, told_policy
from conformance.classes.results.scale import plain
from conformance.reports.classes.reveal import SERVER, revealed, why_no_run
from conformance.reports.run.account import account
from conformance.reports.run.console import how_started, in_words, titled
from conformance.reports.text import palette
from conformance.reports.text.page import Page
from conformance.reports.text.visible import MAX_WRAPPED, shorten_middle, visible
from conformance.run.prepare import written_arguments
from conformance.verdict.model import Outcome, Run, Verdict
from conformance.verdict.points import counted, fraction, told_left_out, told_not_shown

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
    author = graded.author_of(student)
    theirs = [result for result in results if result.hand_in.author == author]
    known = {result.hand_in.lab: revealed(result, graded.reveal) for result in theirs}
    handed_in = {h.lab: h for h in graded.hand_ins if h.author == author}
    rows = [*_head(graded, student), "", *_overview(grade), *_grading_rules(graded)]
    for plan, worth in zip(graded.labs, grade.labs, strict=True):
        hand_in = handed_in.get(plan.name) or HandIn(author, plan.name, None)
        result = known.get(plan.name) or Result(hand_in, None)
        rows += ["", "", *_Part(graded, plan, worth, result).rows()]
    return "\n".join(row.rstrip() for row in rows) + "\n"


def _line(*parts: str) -> str:
    return _PAGE.line(*parts).plain


def _prose(text: str, indent: str = "") -> list[str]:
    return [row.plain for row in _PAGE.prose(text, indent=indent)]


def _short(text: str) -> str:
    return visible(shorten_middle(text, MAX_NAME))


def _head(graded: Class, student: Student) -> Iterator[str]:
    yield _line(_short(graded.title or "Results"))
    who = [student.name, student.id, f"group {student.group}" if student.group else ""]
    yield _line(" · ".join(_short(word) for word in who if word))


def _overview(grade: Grade) -> Iterator[str]:
    """A line for each lab, and the grade."""
    width = max((len(visible(lab.lab)) for lab in grade.labs), default=0)
    for lab in grade.labs:
        late = f", {lab.earned:f} after lateness" if lab.late.cost and lab.points else ""
        yield _line(f"  {visible(lab.lab):<{width}}  {_of(lab)}{late}")
    yield ""
    if grade.provisional:
        yield from _prose(
            f"No grade yet: something is still open. It is at least {grade.percent:f} %, and"
            " nothing that is open has cost you a point.", "  ",
        )  # fmt: skip
    elif grade.grade == f"{grade.percent:f}":
        yield _line(f"  Grade: {grade.grade} %")
    else:
        yield _line(f"  Grade: {_short(grade.grade)} ({grade.percent:f} %)")


def _grading_rules(graded: Class) -> Iterator[str]:
    """How the grade is computed: the weight of each lab, the scale, and the rule about lateness."""
    every = sum(plan.weight for plan in graded.labs)
    if len(graded.labs) > 1 and every:
        shares = [
            f"{_short(plan.name)} {_number(round(100 * plan.weight / every, 1))} %"
            for plan in graded.labs
        ]
        told = "Each lab counts by the share of its points that was earned, with these weights"
        told = f"{told}: {_and(shares)}."
        yield from _prose(told, "  ")
    if graded.scale != "percent" or graded.step:
        step = f", in steps of {_short(graded.step)}, halves up" if graded.step else ""
        yield from _prose(f"The scale from percent to grades: {_short(graded.scale)}{step}.", "  ")
    if (told := told_policy(graded.late)) and any(plan.deadline for plan in graded.labs):
        yield from _prose(told, "  ")


def _and(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _of(lab: LabGrade) -> str:
    if lab.provisional and not lab.points:
        return "still open"
    told = f"{lab.points} of {counted(lab.possible)}"
    return f"{told} so far, something is open" if lab.provisional else told


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
        title = f"{visible(self.plan.name)}{f': {_short(run.title)}' if run and run.title else ''}"
        yield _line(title)
        yield _line("=" * min(len(title), _PAGE.width))
        yield from self._handed_in()
        if total:
            yield from _prose(f"{total.told}. That decides; what was judged is below.")
        yield ""
        if run is None:
            yield from self._without_run()
        else:
            yield from _judged(run, decided=total is not None)
            if not self.worth.possible:
                yield from ["", *_prose("Nothing that counts could be judged: still open.")]
        if self.graded.reveal is Reveal.HINTS:
            yield ""
            yield _line("run it yourself  ", _command(self.plan))

    def _handed_in(self) -> Iterator[str]:
        """When it was handed in, what lateness costs, and remarks."""
        told, hand_in = [], self.result.hand_in
        if hand_in.submitted:
            told.append(f"Handed in on {told_moment(hand_in.submitted, self.plan)}")
        if self.plan.deadline:
            told.append(f"the deadline was {told_moment(self.plan.deadline, self.plan)}")
        own = self.worth.late.deadline
        if own and own != self.plan.deadline:
            told.append(f"your own deadline was {told_moment(own, self.plan)}")
        if told:
            sentence = f"{', '.join(told)}."
            yield from _prose(sentence[0].upper() + sentence[1:])
        if self.worth.late.days:
            yield from _prose(_lateness(self.worth, self.graded.late))
        for remark in hand_in.remarks:
            yield from _prose(f"Note: {visible(shorten_middle(remark, MAX_WRAPPED))}")

    def _without_run(self) -> Iterator[str]:
        told = visible(shorten_middle(why_no_run(self.result), MAX_WRAPPED))
        if self.result.total:
            yield from _prose(f"Not judged: {told}.")
        elif self.worth.provisional:
            yield from _prose(f"Still open: {told}.")
            yield from _prose("It has cost you no point; your teacher will see to it.")
            if self.result.refused:
                yield from _prose(WHAT_TO_HAND_IN)
        else:
            yield from _prose(f"{told[:1].upper()}{told[1:]}: no points.")


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


def _command(plan: LabPlan) -> str:
    """The student's own command. It has no seed: the others' payloads are drawn from it, too."""
    words = ["conformance", "check", SERVER, "--lab", plan.name]
    words += ["--only", plan.only] if plan.only else []
    for name, value in plan.settings.items():
        words += ["--set", f"{name}={value}"]
    words += ["--arguments", written_arguments(plan.arguments)] if plan.arguments else []
    words += ["--strict"] if "all" in plan.counts else []
    return visible(shlex.join(words))


def _judged(run: Run, *, decided: bool) -> Iterator[str]:
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
        yield from ["", *_prose(f"{told[:1].upper()}{told[1:]}.")]
    for note in run.notes:
        yield from ["", *_prose(note)]
    if how := how_started(run):
        yield from ["", *_prose(how)]
    if run.interrupted:
        yield from ["", "The run was interrupted: clauses that are not listed are still open."]
    for verdict in ordered:
        if verdict.outcome in (Outcome.FAILED, Outcome.INCONCLUSIVE):
            yield from _told(verdict, run, decided=decided)
    yield from _not_run(ordered, decided=decided)


def _clause(verdict: Verdict, run: Run) -> Iterator[str]:
    mark, _ = palette.mark(verdict, strict=run.strict)
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
    mark, _ = palette.mark(verdict, strict=run.strict)
    advice = mark == palette.ADVICE_MARK
    if advice:
        right = "advice: costs no points"
    elif verdict.points is None and not decided:
        right = f"still open: {counted(verdict.possible)}"
    else:
        points = f"{verdict.points or 0} of {counted(verdict.possible)}"
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
            is_open = verdict.points is None and not decided
            heading = "still open, not run" if is_open else palette.word(verdict)
            reasons.setdefault((palette.why(verdict), heading), []).append(verdict.clause.number)
    for (reason, heading), numbers in reasons.items():
        yield ""
        yield from _prose(f"{palette.MARKS[Outcome.NOT_RUN]} {heading}: {', '.join(numbers)}")
        yield from _prose(reason, "  ")
