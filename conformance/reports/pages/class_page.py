"""The page of a class, for its teacher: how it went, what is open, who shares a symptom, and each
student's clauses with links into the conversations. Pure.

It names everybody, so that it is not for students; their own pages lie beside it, in `students/`.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup, escape

from conformance.classes.hand_ins.collect import EMPTY
from conformance.classes.model import Class, Result, Student, SymptomNote
from conformance.classes.results.grades import Grade
from conformance.classes.results.lateness import told_policy
from conformance.classes.results.symptoms import ClassSymptom, symptoms_in, symptoms_of
from conformance.reports.classes.figures import ClassFigures, MissedClause
from conformance.reports.pages.environment import render
from conformance.reports.pages.heat_map import HeatMap, heat_map, name_of, page_of, worth_of
from conformance.reports.pages.histogram import histogram
from conformance.reports.pages.links import anchor_of
from conformance.reports.pages.provenance import provenance
from conformance.reports.run.account import account, sentence
from conformance.reports.run.listing import in_words
from conformance.reports.text.page import Page
from conformance.verdict.model import Outcome, Verdict
from conformance.verdict.points import counted
from conformance.verdict.serving import told_model

MAX_CONVERSATIONS = 40
"""Symptoms whose conversation stands in the page: those of most students."""

MAX_MISSED = 6
"""Clauses that are listed as missed most."""

COLUMNS = 68
"""Columns of an account: what fits beside another on a desk."""


@dataclass(frozen=True)
class StudentLink:
    """A student, and the place where a page tells of something."""

    name: str
    link: Markup


@dataclass(frozen=True)
class ExampleConversation:
    """One conversation that shows a symptom."""

    whose: StudentLink
    clause: str
    told: Markup
    """The account of the failure, in lines."""


@dataclass(frozen=True)
class SymptomPart:
    """What the page says of one symptom."""

    lab: str
    name: str
    sentence: str
    students: Sequence[StudentLink]
    note: str
    command: str
    """With which the teacher notes something on it."""
    table: int
    """The number of its lab's table in the page, from 1."""
    place: int
    """Its place among the symptoms of that lab."""
    example: ExampleConversation | None = None


@dataclass(frozen=True)
class ToldGroup:
    """Students of whom the same is said."""

    told: str
    students: Sequence[StudentLink]


def class_page(
    graded: Class,
    results: Iterable[Result],
    grades: Sequence[Grade],
    notes: Mapping[tuple[str, str], SymptomNote],
    *,
    beside: Sequence[str] = (),
    examples: Examples | None = None,
) -> str:
    """The page. `notes`: the teacher's, by lab and symptom; `beside`: the files of the class that
    lie beside it; `examples`: conversations that show the symptoms, where the results are outlines
    and have none."""
    figures = ClassFigures(graded, results, grades)
    if examples is None:
        examples = Examples()
        for result in figures.results.values():
            examples.see(result)
    parts = _Parts(figures, notes, examples)
    absent, open_ = figures.uncounted()
    bins = figures.distribution()
    return render(
        "class.html",
        script="class.js",
        graded=graded,
        students=counted(len(graded.students), "student"),
        done=len(grades) - absent - open_,
        absent=absent,
        open=open_,
        in_doubt=figures.in_doubt(),
        late=told_policy(graded.late) if any(plan.deadline for plan in graded.labs) else "",
        labs=list(figures.labs()),
        bins=bins,
        histogram=histogram(bins) if bins else "",
        reasons=[ToldGroup(why, parts.references(who)) for why, who in figures.open_reasons()],
        missing=list(parts.missing()),
        warnings=figures.warnings(),
        corrections=[
            (parts.references([each.author]), each) for each in figures.corrections()
        ],
        symptoms=parts.symptoms(),
        unseen=parts.unseen_notes(),
        maps=parts.heat_maps(),
        misses=parts.misses(),
        missed=list(parts.missed_most()),
        worth_of=worth_of,
        serving=list(parts.serving()),
        beside=beside,
        provenance=provenance(graded, figures.results.values()),
    )  # fmt: skip


class Examples:
    """Of each symptom the shortest conversation that shows it; of two as short, the one that was
    seen first."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], tuple[int, str, Verdict]] = {}

    def see(self, result: Result) -> None:
        """Takes in one result, with its conversations."""
        run, lab = result.run, result.hand_in.lab
        for symptom in symptoms_of(run) if run is not None else ():
            for verdict in run.verdicts if run is not None else ():
                if verdict.clause.number in symptom.clauses and verdict.outcome is Outcome.FAILED:
                    length = len(verdict.attempt.transcript) or 1_000_000
                    known = self._found.get((lab, symptom.name))
                    if known is None or length < known[0]:
                        self._found[lab, symptom.name] = (length, result.hand_in.author, verdict)

    def of(self, symptom: ClassSymptom) -> tuple[str, Verdict] | None:
        """Whose it is, and the verdict; None where there is none."""
        found = self._found.get((symptom.lab, symptom.name))
        return None if found is None else found[1:]


class _Parts:
    """What the page says of several students together."""

    def __init__(
        self,
        figures: ClassFigures,
        notes: Mapping[tuple[str, str], SymptomNote],
        examples: Examples,
    ) -> None:
        self.figures, self.graded, self.notes = figures, figures.graded, notes
        self.examples = examples
        self.members: dict[str, list[Student]] = {}
        for student in self.graded.students:
            self.members.setdefault(self.graded.author_of(student), []).append(student)
        labs = {plan.name for plan in self.graded.labs}
        self.seen = sorted(
            (each for each in symptoms_in(figures.results.values()) if each.lab in labs),
            key=lambda each: -sum(figures.members[author] for author in each.authors),
        )

    def references(self, authors: Iterable[str], place: str = "") -> Sequence[StudentLink]:
        """The students who hand in as these authors, by the places that tell of them."""
        anchor = Markup("#{}").format(place) if place else Markup("")
        return [
            StudentLink(name_of(student), page_of(student) + anchor)
            for author in authors
            for student in self.members.get(author, ())
        ]

    def missing(self) -> Iterator[ToldGroup]:
        """By lab, who handed in nothing for certain."""
        for plan in self.graded.labs:
            by_author = {h.author: h for h in self.graded.hand_ins if h.lab == plan.name}
            absent = [
                author
                for author in self.members
                if (hand_in := by_author.get(author)) is None or hand_in.is_absent
            ]
            if absent:
                empty = {a for a in absent if a in by_author and EMPTY in by_author[a].remarks}
                students = (
                    replace(each, name=f"{each.name} (an empty folder)") if a in empty else each
                    for a in absent
                    for each in self.references([a])
                )
                yield ToldGroup(plan.name, list(students))

    # -- symptoms ---------------------------------------------------------------------

    def symptoms(self) -> Sequence[SymptomPart]:
        names = [each.name for each in self.seen]
        labs = [plan.name for plan in self.graded.labs]
        places = Counter[str]()
        parts = []
        for rank, each in enumerate(self.seen):
            noted = self.notes.get((each.lab, each.name))
            words = ["conformance", "note", "DIR", each.name, "TEXT"]
            words += ["--lab", each.lab] if names.count(each.name) > 1 else []
            parts.append(
                SymptomPart(
                    each.lab,
                    each.name,
                    sentence(each.sentence),
                    [
                        reference
                        for author, clauses in each.seen
                        for reference in self.references([author], anchor_of(each.lab, clauses[0]))
                    ],
                    noted.text if noted else "",
                    shlex.join(words),
                    labs.index(each.lab) + 1,
                    places[each.lab],
                    self._example(each) if rank < MAX_CONVERSATIONS else None,
                )
            )
            places[each.lab] += 1
        return [part for part in parts if part.students]

    def _example(self, symptom: ClassSymptom) -> ExampleConversation | None:
        """The shortest conversation that shows it."""
        found = self.examples.of(symptom)
        if found is None:
            return None
        author, verdict = found
        number = verdict.clause.number
        whose = self.references([author], anchor_of(symptom.lab, number))
        return ExampleConversation(whose[0], number, _told(verdict)) if whose else None

    def unseen_notes(self) -> Sequence[SymptomNote]:
        """The notes on symptoms that no program shows any more."""
        seen = {(each.lab, each.name) for each in self.seen}
        return [note for key, note in self.notes.items() if key not in seen]

    # -- the clauses ------------------------------------------------------------------

    def heat_maps(self) -> Sequence[HeatMap]:
        return [
            heat_map(self.graded, plan, self.figures.grades, self.figures.results, self.seen)
            for plan in self.graded.labs
        ]

    def misses(self) -> Mapping[tuple[str, str], MissedClause]:
        return {(miss.lab, miss.clause.number): miss for miss in self.figures.missed()}

    def missed_most(self) -> Iterator[tuple[int, str, MissedClause]]:
        """The clauses of the largest shares, each with the number of its lab's table and its title
        in words."""
        labs = [plan.name for plan in self.graded.labs]
        for miss in self.figures.missed()[:MAX_MISSED]:
            if miss.lab in labs:
                yield labs.index(miss.lab) + 1, in_words(miss.clause.scenario), miss

    def serving(self) -> Iterator[tuple[str, Sequence[ToldGroup]]]:
        """By lab, how the servers serve their clients, most of them first."""
        for plan in self.graded.labs:
            found: dict[str, list[str]] = {}
            for (author, lab), result in self.figures.results.items():
                verdicts = result.run.verdicts if lab == plan.name and result.run else ()
                told = (told_model(note) for v in verdicts for note in v.attempt.notes)
                if model := next(filter(None, told), ""):
                    found.setdefault(model, []).append(author)
            groups = [
                ToldGroup(model, self.references(authors)) for model, authors in found.items()
            ]
            if groups:
                yield plan.name, sorted(groups, key=lambda group: -len(group.students))


def _told(verdict: Verdict) -> Markup:
    """The account of a verdict, in rows in which all is visible."""
    rows = account(verdict, Page(width=COLUMNS, columns=COLUMNS))
    return escape("\n".join(row.plain.rstrip() for row in rows))
