"""What a teacher wants to know of a graded class: how it went, what is still open, what was
corrected by hand. Data for the summary on the console and for the class page. Pure."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from conformance.classes.model import Class, HandIn, Override, Result
from conformance.classes.results.doubt import (
    gates_of,
    is_not_started,
    open_behind_gate,
    points_behind_gate,
)
from conformance.classes.results.grades import Grade
from conformance.classes.results.scale import read_scale, tenths
from conformance.reports.classes.progress import names_of, whose
from conformance.reports.classes.reveal import why_no_run
from conformance.session.not_listening import WITHOUT_ARGUMENTS
from conformance.verdict.model import Clause, Outcome, Verdict
from conformance.verdict.points import counted, tally

BINS = 10
"""Bins of the distribution, if the scale has no letters."""

Bin = tuple[str, int]
"""The grades from one to another, in words, and how many students have one of them."""


@dataclass(frozen=True)
class LabFigures:
    """How one lab went. Mean and median are of hand-ins that are not open."""

    lab: str
    came: int
    """Students who handed something in."""
    graded: int
    mean: str
    """With one decimal, as the median; "" where nothing is graded."""
    median: str
    most: int
    """What the lab is worth; 0 if not known."""


@dataclass
class MissedClause:
    """How many students miss a clause, of those whose programs were judged by it."""

    lab: str
    clause: Clause
    missed: int = 0
    judged: int = 0

    @property
    def share(self) -> Fraction:
        return Fraction(self.missed, self.judged)


@dataclass(frozen=True)
class Correction:
    """A correction by hand that counts."""

    author: str
    lab: str
    clause: str
    """"total" where it is of the whole lab."""
    told: str


class ClassFigures:
    def __init__(self, graded: Class, results: Iterable[Result], grades: Sequence[Grade]) -> None:
        self.graded, self.grades = graded, grades
        self.results: Mapping[tuple[str, str], Result] = {
            (result.hand_in.author, result.hand_in.lab): result for result in results
        }
        self.names = names_of(graded)
        self.members = Counter(graded.author_of(student) for student in graded.students)
        """How many students hand in as each author."""
        came = [h for h in graded.hand_ins if not h.is_absent and not h.missing]
        self.handed_in = {(h.author, h.lab) for h in came}

    # -- how it went ------------------------------------------------------------------

    def is_absent(self, grade: Grade) -> bool:
        """Whether the student handed in nothing for any lab, for certain."""
        author = self.graded.author_of(grade.student)
        return not grade.provisional and not any(
            (author, lab.name) in self.handed_in for lab in self.graded.labs
        )

    def uncounted(self) -> tuple[int, int]:
        """How many students handed in nothing at all, and how many are still open."""
        absent = sum(map(self.is_absent, self.grades))
        return absent, sum(grade.provisional for grade in self.grades)

    def in_doubt(self) -> Mapping[str, int]:
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
        return {what: number for what, number in counted.items() if number}

    def labs(self) -> Iterator[LabFigures]:
        """How each lab went, in the order of the class."""
        for number, plan in enumerate(self.graded.labs):
            worth = [(self.graded.author_of(g.student), g.labs[number]) for g in self.grades]
            came = [lab for author, lab in worth if (author, plan.name) in self.handed_in]
            points = [lab.points for lab in came if not lab.provisional]
            yield LabFigures(
                plan.name,
                len(came),
                len(points),
                mean=f"{statistics.mean(points):.1f}" if points else "",
                median=f"{statistics.median(points):.1f}" if points else "",
                most=plan.possible or max((lab.possible for lab in came), default=0),
            )

    def distribution(self) -> Sequence[Bin]:
        """The grades of those who handed something in and have a final grade, by bins; empty if
        there are none."""
        scale = read_scale(self.graded.scale, self.graded.step)
        given = [g.grade for g in self.grades if not g.provisional and not self.is_absent(g)]
        if not given:
            return ()
        if scale.letters:
            return [(letter, given.count(letter)) for letter, _ in scale.letters]
        return _binned(given, *(scale.linear or (Fraction(0), Fraction(100))))

    def missed(self) -> Sequence[MissedClause]:
        """The clauses that students miss, those of the largest share first."""
        misses: dict[tuple[str, str], MissedClause] = {}
        for (author, lab), result in self.results.items():
            for verdict in result.run.verdicts if result.run else ():
                key = (lab, verdict.clause.number)
                miss = misses.setdefault(key, MissedClause(lab, verdict.clause))
                students = self.members[author]
                if _is_judged(verdict):
                    miss.judged += students
                    miss.missed += students * ((verdict.points or 0) < verdict.possible)
        return sorted(
            (miss for miss in misses.values() if miss.missed),
            key=lambda miss: (-miss.share, miss.lab, miss.clause.order),
        )

    # -- what needs a teacher ---------------------------------------------------------

    def open_reasons(self) -> Sequence[tuple[str, Sequence[str]]]:
        """Why hand-ins are open, as `lab: reason`, each with their authors, most authors first."""
        reasons: dict[str, list[str]] = {}
        for hand_in in self.graded.hand_ins:
            for why in self._why_open(hand_in):
                reasons.setdefault(f"{hand_in.lab}: {why}", []).append(hand_in.author)
        return sorted(reasons.items(), key=lambda pair: -len(pair[1]))

    def _why_open(self, hand_in: HandIn) -> Iterator[str]:
        result = self.results.get((hand_in.author, hand_in.lab)) or Result(hand_in, None)
        if hand_in.is_absent or result.total is not None:
            return
        if result.run is None:
            if result.blame != "student":
                yield why_no_run(result)
        else:
            behind = open_behind_gate(result.run)
            gates = {gate for verdict in behind for gate in gates_of(verdict, result.run)}
            also = f", nor {counted(tally(behind).open)} behind it" if len(gates) == 1 else ""
            told = False  # of what is behind
            for verdict in result.run.verdicts:
                if verdict.points is None and verdict not in behind:
                    number, is_gate = verdict.clause.number, {verdict.clause.number} == gates
                    told |= is_gate
                    rest = also if is_gate else ""
                    yield f"{number} could not be judged{rest}: {verdict.attempt.reason}"
            if behind and not told:
                yield points_behind_gate(result.run)
            if result.run.interrupted:
                yield "the run was interrupted"
            elif not tally(result.run.verdicts).possible:
                yield "nothing that counts could be judged"

    def corrections(self) -> Iterator[Correction]:
        for hand_in, result in self._in_order():
            who, lab = hand_in.author, hand_in.lab
            for verdict in result.run.verdicts if result.run else ():
                if verdict.corrected:
                    yield Correction(who, lab, verdict.clause.number, verdict.corrected)
            if result.total:
                yield Correction(who, lab, "total", result.total.told)

    def warnings(self) -> Sequence[str]:
        told = {f"{hand_in.author}: {hand_in.problem}" for hand_in in self.graded.hand_ins}
        rows = [
            each
            for each in self.graded.warnings
            # What is open by that is listed as open, with the same words.
            if not any(problem.startswith(f"{each}, ") for problem in told)
        ]
        rows += self._without_arguments()
        for hand_in, result in self._in_order():
            name = f"{whose(hand_in.author, self.names)} {hand_in.lab}"
            if result.run is not None and result.run.doubt:
                rows.append(f"{name}: {result.run.doubt}")
            rows += [
                f"the correction of {name} {override.clause or 'total'} to"
                f" {counted(override.points)} does not fit the run, and is left out"
                for override in _left_out(result)
            ]
        return rows

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
