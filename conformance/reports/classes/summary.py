"""The summary of a graded class for its teacher: points and grades, the clauses that most students
miss, what is still open, and what was corrected by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from rich.console import Console
from rich.text import Text

from conformance.classes.file_names import in_short
from conformance.classes.model import Class, Result
from conformance.classes.results.grades import Grade
from conformance.classes.results.lateness import told_policy
from conformance.reports.classes.figures import ClassFigures
from conformance.reports.classes.progress import whose
from conformance.reports.run.account import sentence
from conformance.reports.text import palette
from conformance.reports.text.page import Page, show
from conformance.reports.text.visible import can_print, cut, shorten_middle, visible
from conformance.verdict.points import counted
from conformance.words import speaking
from conformance.words.language import ENGLISH

MAX_CLAUSES = 10
"""Clauses listed as missed most."""

MAX_ROWS = 20
"""Rows of a list (open results, corrections, warnings). The gradebook has them all."""

BAR = 24
"""Columns of the longest bar of the distribution."""

SHARE = 10
"""Columns of the bar of a clause that everybody misses; half as many on a narrow page."""

COMFORTABLE = 80
"""Columns from which on a page is not narrow."""


def render(
    graded: Class, results: Iterable[Result], grades: Sequence[Grade], *, console: Console
) -> None:
    with speaking(ENGLISH):  # it is for teachers, and refers to files in English
        summary = _Summary(graded, list(results), grades, Page.on(console))
        show(console, *summary.rows())


class _Summary:
    def __init__(
        self, graded: Class, results: Sequence[Result], grades: Sequence[Grade], page: Page
    ) -> None:
        self.graded, self.page = graded, page
        self.figures = ClassFigures(graded, results, grades)

    def rows(self) -> Iterator[Text]:
        yield from self._head()
        parts = {
            "Points (of students)": self._labs(),
            f"Grades ({self.graded.scale})": self._distribution(),
            "Missed most (students of those judged)": self._missed(),
            "What failures have in common (students)": self._common(),
            "Still open": self._open(),
            "Corrected by hand": self._overrides(),
            "Warnings": self._warnings(),
        }
        for heading, part in parts.items():
            if rows := list(part):
                yield from [Text(), self.page.line((visible(heading), "bold")), *rows]

    # -- how it went ------------------------------------------------------------------

    def _head(self) -> Iterator[Text]:
        absent, open_ = self.figures.uncounted()
        students = len(self.figures.grades)
        done = students - absent - open_
        if self.graded.title:
            title = shorten_middle(visible(self.graded.title), self.page.width)
            yield self.page.line((title, "bold"))
        told: list[str | tuple[str, str]] = [counted(students, "student"), ": "]
        told += [(f"{done} graded", "green"), f" · {absent} handed in nothing · "]
        yield self.page.line(*told, (f"{open_} still open", palette.ADVICE if open_ else ""))
        in_doubt = [f"{what}: {number}" for what, number in self.figures.in_doubt().items()]
        if in_doubt:
            yield from self.page.prose(" · ".join(in_doubt), style=palette.ADVICE)

    def _labs(self) -> Iterator[Text]:
        """A row for each lab."""
        width = max([8, *(len(visible(plan.name)) for plan in self.graded.labs)])
        width = min(width, self.page.width - 44)
        heading = f"  {'':<{width}}  {'handed in':>9}  {'graded':>6}  {'mean':>6}  {'median':>6}"
        heading += f"  {'of':>4}"
        yield self.page.line((heading, palette.QUIET))
        for lab in self.figures.labs():
            name = f"{cut(visible(lab.lab), width):<{width}}"
            yield self.page.line(
                f"  {name}  {lab.came:>9}  {lab.graded:>6}  {lab.mean:>6}  {lab.median:>6}"
                f"  {lab.most or '':>4}"
            )
        if any(plan.deadline for plan in self.graded.labs):
            yield from self.page.prose(told_policy(self.graded.late), style=palette.QUIET)

    def _distribution(self) -> Iterator[Text]:
        """The grades of those who handed something in and have a final grade."""
        bins = self.figures.distribution()
        if not bins:
            return
        width = max(len(visible(label)) for label, _ in bins)
        longest = max(number for _, number in bins)
        for label, number in bins:
            bar = self._bar(Fraction(number, longest), BAR)
            yield self.page.line(
                f"  {visible(label):>{width}}  ", (bar, "green"), f"{' ' * bool(bar)}{number}"
            )
        absent, open_ = self.figures.uncounted()
        told = [f"{absent} that handed in nothing"] if absent else []
        told += [f"{open_} still open"] if open_ else []
        if told:
            yield self.page.line("  ", (f"not counted here: {', '.join(told)}", palette.QUIET))

    def _bar(self, share: Fraction, columns: int) -> str:
        """A bar in proportion to `share` (0 to 1). It is only empty for 0."""
        sign = "█" if can_print("█", self.page.encoding) else "#"
        return sign * max(int(share > 0), round(share * columns))

    def _missed(self) -> Iterator[Text]:
        ranked = self.figures.missed()[:MAX_CLAUSES]
        several = len(self.graded.labs) > 1
        names = [
            visible(f"{miss.lab} {miss.clause.number}" if several else miss.clause.number)
            for miss in ranked
        ]
        numbers = [f"{miss.missed} of {miss.judged}" for miss in ranked]
        width = min(max(map(len, names), default=0), self.page.width // 3)
        digits = max(map(len, numbers), default=0)
        longest = SHARE if self.page.width >= COMFORTABLE else SHARE // 2
        room = self.page.width - width - digits - longest - len("  " * 4)
        for name, number, miss in zip(names, numbers, ranked, strict=True):
            words = visible(" ".join(sentence(miss.clause.text).split()))
            bar = self._bar(miss.share, longest)
            yield self.page.line(
                "  ", (f"{cut(name, width):<{width}}", "bold"),
                f"  {cut(words, room):<{room}}  {number:>{digits}}  ", (bar, "red"),
            )  # fmt: skip

    def _common(self) -> Iterator[Text]:
        """How many students' programs have each cause of several failures."""
        told: Counter[tuple[str, str]] = Counter()
        for (author, lab), result in self.figures.results.items():
            for common in result.run.common if result.run else ():
                told[lab, common.name] += self.figures.members[author]
        several = len(self.graded.labs) > 1
        rows = [
            f"{counted(number, 'student')}: {f'{lab}, ' if several else ''}{name}"
            for (lab, name), number in sorted(told.items(), key=lambda each: (-each[1], each[0]))
            if number
        ]
        for row in rows[:MAX_ROWS]:
            yield from self.page.prose(visible(row))
        yield from self._more(len(rows))

    # -- what needs a teacher ---------------------------------------------------------

    def _open(self) -> Iterator[Text]:
        """The open hand-ins, grouped by reason."""
        ranked = self.figures.open_reasons()
        for why, authors in ranked[:MAX_ROWS]:
            yield from self.page.prose(why)
            listed = in_short([whose(author, self.figures.names) for author in authors], MAX_ROWS)
            yield from self.page.prose(listed, indent="    ", style=palette.QUIET)
        yield from self._more(len(ranked))

    def _overrides(self) -> Iterator[Text]:
        rows = [
            f"{whose(each.author, self.figures.names)} {each.lab} {each.clause}: {each.told}"
            for each in self.figures.corrections()
        ]
        yield from self._first(rows)

    def _warnings(self) -> Iterator[Text]:
        yield from self._first(self.figures.warnings(), palette.ADVICE)

    def _first(self, rows: Sequence[str], style: str = "") -> Iterator[Text]:
        for row in rows[:MAX_ROWS]:
            yield from self.page.prose(row, style=style)
        yield from self._more(len(rows))

    def _more(self, number: int) -> Iterator[Text]:
        if number > MAX_ROWS:
            yield self.page.line("  ", (f"… and {number - MAX_ROWS} more", palette.QUIET))
