"""The summary of a graded class for its teacher: points and grades, the clauses that most students
miss, what is still open, and what was corrected by hand."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from rich.console import Console
from rich.text import Text

from conformance.classes.file_names import in_short
from conformance.classes.model import Class, HandIn, Override, Result
from conformance.classes.results.doubt import is_not_started, open_behind_gate, points_behind_gate
from conformance.classes.results.grades import Grade
from conformance.classes.results.lateness import told_policy
from conformance.classes.results.scale import read_scale, tenths
from conformance.reports.classes.progress import names_of, whose
from conformance.reports.classes.reveal import why_no_run
from conformance.reports.run.account import sentence
from conformance.reports.text import palette
from conformance.reports.text.page import Page, show
from conformance.reports.text.visible import can_print, cut, shorten_middle, visible
from conformance.session.not_listening import WITHOUT_ARGUMENTS
from conformance.verdict.model import Clause, Outcome, Verdict
from conformance.verdict.points import counted, tally

MAX_CLAUSES = 10
"""Clauses listed as missed most."""

MAX_ROWS = 20
"""Rows of a list (open results, corrections, warnings). The gradebook has them all."""

BINS = 10
"""Bars of the distribution, if the scale has no letters."""

BAR = 24
"""Columns of the longest bar of the distribution."""

SHARE = 10
"""Columns of the bar of a clause that everybody misses; half as many on a narrow page."""

COMFORTABLE = 80
"""Columns from which on a page is not narrow."""


def render(
    graded: Class, results: Iterable[Result], grades: Sequence[Grade], *, console: Console
) -> None:
    summary = _Summary(graded, list(results), grades, Page.on(console))
    show(console, *summary.rows())


@dataclass
class _Miss:
    clause: Clause
    missed: int = 0
    judged: int = 0


class _Summary:
    def __init__(
        self, graded: Class, results: Sequence[Result], grades: Sequence[Grade], page: Page
    ) -> None:
        self.graded, self.grades, self.page = graded, grades, page
        self.results = {(r.hand_in.author, r.hand_in.lab): r for r in results}
        self.names = names_of(graded)
        self.members: dict[str, int] = {}
        for student in graded.students:
            author = graded.author_of(student)
            self.members[author] = self.members.get(author, 0) + 1
        came = [h for h in graded.hand_ins if not h.is_absent and not h.missing]
        self.handed_in = {(h.author, h.lab) for h in came}

    def rows(self) -> Iterator[Text]:
        yield from self._head()
        parts = {
            "Points (of students)": self._labs(),
            f"Grades ({self.graded.scale})": self._distribution(),
            "Missed most (students of those judged)": self._missed(),
            "Still open": self._open(),
            "Corrected by hand": self._overrides(),
            "Warnings": self._warnings(),
        }
        for heading, part in parts.items():
            if rows := list(part):
                yield from [Text(), self.page.line((visible(heading), "bold")), *rows]

    # -- how it went ------------------------------------------------------------------

    def _is_absent(self, grade: Grade) -> bool:
        """Whether the student handed in nothing for any lab, for certain."""
        author = self.graded.author_of(grade.student)
        return not grade.provisional and not any(
            (author, lab.name) in self.handed_in for lab in self.graded.labs
        )

    def _uncounted(self) -> tuple[int, int]:
        """How many students handed in nothing at all, and how many are still open."""
        absent = sum(map(self._is_absent, self.grades))
        return absent, sum(grade.provisional for grade in self.grades)

    def _head(self) -> Iterator[Text]:
        absent, open_ = self._uncounted()
        done = len(self.grades) - absent - open_
        if self.graded.title:
            title = shorten_middle(visible(self.graded.title), self.page.width)
            yield self.page.line((title, "bold"))
        told: list[str | tuple[str, str]] = [counted(len(self.grades), "student"), ": "]
        told += [(f"{done} graded", "green"), f" · {absent} handed in nothing · "]
        yield self.page.line(*told, (f"{open_} still open", palette.ADVICE if open_ else ""))
        if in_doubt := self._in_doubt():
            yield from self.page.prose(" · ".join(in_doubt), style=palette.ADVICE)

    def _in_doubt(self) -> list[str]:
        """How many hand-ins could not be judged at all and are undecided, by reason."""
        open_ = [
            hand_in
            for hand_in in self.graded.hand_ins
            if (result := self.results.get((hand_in.author, hand_in.lab))) is None
            or result.total is None
        ]
        counted = {
            "could not be started": sum(map(is_not_started, self.results.values())),
            "unclear what was handed in": sum(bool(h.problem) and not h.missing for h in open_),
            "unclear whether anything was handed in": sum(h.missing for h in open_),
        }
        return [f"{what}: {number}" for what, number in counted.items() if number]

    def _labs(self) -> Iterator[Text]:
        """A row for each lab. Mean and median are of hand-ins that are not open."""
        width = max([8, *(len(visible(plan.name)) for plan in self.graded.labs)])
        width = min(width, self.page.width - 44)
        heading = f"  {'':<{width}}  {'handed in':>9}  {'graded':>6}  {'mean':>6}  {'median':>6}"
        heading += f"  {'of':>4}"
        yield self.page.line((heading, palette.QUIET))
        for number, plan in enumerate(self.graded.labs):
            worth = [(self.graded.author_of(g.student), g.labs[number]) for g in self.grades]
            came = [lab for author, lab in worth if (author, plan.name) in self.handed_in]
            points = [lab.points for lab in came if not lab.provisional]
            mean = f"{statistics.mean(points):.1f}" if points else ""
            median = f"{statistics.median(points):.1f}" if points else ""
            name = f"{cut(visible(plan.name), width):<{width}}"
            most = plan.possible or max((lab.possible for lab in came), default=0)
            yield self.page.line(
                f"  {name}  {len(came):>9}  {len(points):>6}  {mean:>6}  {median:>6}"
                f"  {most or '':>4}"
            )
        if any(plan.deadline for plan in self.graded.labs):
            yield from self.page.prose(told_policy(self.graded.late), style=palette.QUIET)

    def _distribution(self) -> Iterator[Text]:
        """The grades of those who handed something in and have a final grade."""
        scale = read_scale(self.graded.scale, self.graded.step)
        given = [g.grade for g in self.grades if not g.provisional and not self._is_absent(g)]
        if not given:
            return
        if scale.letters:
            bins = [(letter, given.count(letter)) for letter, _ in scale.letters]
        else:
            bins = _binned(given, *(scale.linear or (Fraction(0), Fraction(100))))
        width = max(len(visible(label)) for label, _ in bins)
        longest = max(number for _, number in bins)
        for label, number in bins:
            bar = self._bar(Fraction(number, longest), BAR)
            yield self.page.line(
                f"  {visible(label):>{width}}  ", (bar, "green"), f"{' ' * bool(bar)}{number}"
            )
        absent, open_ = self._uncounted()
        told = [f"{absent} that handed in nothing"] if absent else []
        told += [f"{open_} still open"] if open_ else []
        if told:
            yield self.page.line("  ", (f"not counted here: {', '.join(told)}", palette.QUIET))

    def _bar(self, share: Fraction, columns: int) -> str:
        """A bar in proportion to `share` (0 to 1). It is only empty for 0."""
        sign = "█" if can_print("█", self.page.encoding) else "#"
        return sign * max(int(share > 0), round(share * columns))

    def _missed(self) -> Iterator[Text]:
        misses: dict[tuple[str, str], _Miss] = {}
        for (author, lab), result in self.results.items():
            for verdict in result.run.verdicts if result.run else ():
                miss = misses.setdefault((lab, verdict.clause.number), _Miss(verdict.clause))
                students = self.members.get(author, 0)
                if _is_judged(verdict):
                    miss.judged += students
                    miss.missed += students * ((verdict.points or 0) < verdict.possible)
        ranked = sorted(
            ((key, miss) for key, miss in misses.items() if miss.missed),
            key=lambda pair: (-Fraction(pair[1].missed, pair[1].judged), pair[0][0],
                              pair[1].clause.order),
        )[:MAX_CLAUSES]  # fmt: skip
        several = len(self.graded.labs) > 1
        names = [visible(f"{lab} {number}" if several else number) for (lab, number), _ in ranked]
        numbers = [f"{miss.missed} of {miss.judged}" for _, miss in ranked]
        width = min(max(map(len, names), default=0), self.page.width // 3)
        digits = max(map(len, numbers), default=0)
        longest = SHARE if self.page.width >= COMFORTABLE else SHARE // 2
        room = self.page.width - width - digits - longest - len("  " * 4)
        for name, number, (_, miss) in zip(names, numbers, ranked, strict=True):
            words = visible(" ".join(sentence(miss.clause.text).split()))
            bar = self._bar(Fraction(miss.missed, miss.judged), longest)
            yield self.page.line(
                "  ", (f"{cut(name, width):<{width}}", "bold"),
                f"  {cut(words, room):<{room}}  {number:>{digits}}  ", (bar, "red"),
            )  # fmt: skip

    # -- what needs a teacher ---------------------------------------------------------

    def _open(self) -> Iterator[Text]:
        """The open hand-ins, grouped by reason."""
        reasons: dict[str, list[str]] = {}
        for hand_in in self.graded.hand_ins:
            for why in self._why_open(hand_in):
                reasons.setdefault(f"{hand_in.lab}: {why}", []).append(hand_in.author)
        ranked = sorted(reasons.items(), key=lambda pair: -len(pair[1]))
        for why, authors in ranked[:MAX_ROWS]:
            yield from self.page.prose(why)
            listed = in_short([whose(author, self.names) for author in authors], MAX_ROWS)
            yield from self.page.prose(listed, indent="    ", style=palette.QUIET)
        yield from self._more(len(ranked))

    def _why_open(self, hand_in: HandIn) -> Iterator[str]:
        result = self.results.get((hand_in.author, hand_in.lab)) or Result(hand_in, None)
        if hand_in.is_absent or result.total is not None:
            return
        if result.run is None:
            if result.blame != "student":
                yield why_no_run(result)
        else:
            behind = open_behind_gate(result.run)
            for verdict in result.run.verdicts:
                if verdict.points is None and verdict not in behind:
                    yield f"{verdict.clause.number} could not be judged: {verdict.attempt.reason}"
            if behind:
                yield points_behind_gate(result.run)
            if result.run.interrupted:
                yield "the run was interrupted"
            elif not tally(result.run.verdicts).possible:
                yield "nothing that counts could be judged"

    def _overrides(self) -> Iterator[Text]:
        rows = []
        for hand_in, result in self._in_order():
            name = f"{whose(hand_in.author, self.names)} {hand_in.lab}"
            verdicts = result.run.verdicts if result.run else ()
            rows += [f"{name} {v.clause.number}: {v.corrected}" for v in verdicts if v.corrected]
            rows += [f"{name} total: {result.total.told}"] if result.total else []
        yield from self._first(rows)

    def _warnings(self) -> Iterator[Text]:
        rows = [*self.graded.warnings, *self._without_arguments()]
        for hand_in, result in self._in_order():
            name = f"{whose(hand_in.author, self.names)} {hand_in.lab}"
            if result.run is not None and result.run.doubt:
                rows.append(f"{name}: {result.run.doubt}")
            rows += [
                f"the correction of {name} {override.clause or 'total'} to"
                f" {counted(override.points)} does not fit the run, and is left out"
                for override in _left_out(result)
            ]
        yield from self._first(rows, palette.ADVICE)

    def _without_arguments(self) -> Iterator[str]:
        """Labs some of whose programs need arguments, while the class file gives none."""
        wanting: Counter[str] = Counter()
        for hand_in, result in self._in_order():
            verdicts = result.run.verdicts if result.run is not None else ()
            hints = (verdict.attempt.hint for verdict in verdicts)
            wanting[hand_in.lab] += any(hint.startswith(WITHOUT_ARGUMENTS) for hint in hints)
        for plan in self.graded.labs:
            if wanting[plan.name] and not plan.arguments:
                yield (
                    f"{plan.name}: {counted(wanting[plan.name], 'program')} wanted arguments, and"
                    ' got none; for all of them, `arguments = ["{port}"]` in the class file'
                )

    def _in_order(self) -> Iterator[tuple[HandIn, Result]]:
        for hand_in in self.graded.hand_ins:
            if result := self.results.get((hand_in.author, hand_in.lab)):
                yield hand_in, result

    def _first(self, rows: Sequence[str], style: str = "") -> Iterator[Text]:
        for row in rows[:MAX_ROWS]:
            yield from self.page.prose(row, style=style)
        yield from self._more(len(rows))

    def _more(self, number: int) -> Iterator[Text]:
        if number > MAX_ROWS:
            yield self.page.line("  ", (f"… and {number - MAX_ROWS} more", palette.QUIET))


def _is_judged(verdict: Verdict) -> bool:
    """Whether the verdict says something about the clause itself."""
    return verdict.counts and verdict.points is not None and verdict.outcome is not Outcome.NOT_RUN


def _binned(given: Sequence[str], low: Fraction, high: Fraction) -> list[tuple[str, int]]:
    """Bins of the same width, from the worst grade to the best. The last includes its end."""
    step = (high - low) / BINS
    numbers = [0] * BINS
    for grade in given:
        numbers[max(0, min(BINS - 1, int((Fraction(grade) - low) / step)))] += 1
    least = Fraction(1, 10) if abs(step) >= Fraction(1, 5) else Fraction(0)
    less = least if step > 0 else -least
    ends = [low + step * (number + 1) - less for number in range(BINS - 1)] + [high]
    labels = [f"{tenths(low + step * number)} – {tenths(end)}" for number, end in enumerate(ends)]
    return list(zip(labels, numbers, strict=True))


def _left_out(result: Result) -> Sequence[Override]:
    """The corrections that do not fit the run: its clause does not exist, or earns fewer points. Of
    several corrections of one clause, only the last is considered."""
    if result.run is None:
        return ()
    carried = {v.clause.number: v.points for v in result.run.verdicts if v.corrected}
    ordered = sorted(result.overrides, key=lambda override: override.at)
    latest = {override.clause: override for override in ordered}.values()
    return [
        each
        for each in latest
        if (result.total is None if each.is_total else carried.get(each.clause) != each.points)
    ]
