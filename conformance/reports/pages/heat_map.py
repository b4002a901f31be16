"""Students × clauses of one lab, as the rows of a table. Pure.

A class of 500 with 30 clauses has 15,000 cells, so a cell is as short as can be: a letter for what
it is, and a sign. Where a clause did not simply pass, it is a link to what the student's page says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from conformance.classes.file_names import safe_name
from conformance.classes.model import Class, HandIn, LabPlan, Result, Student
from conformance.classes.results.grades import Grade, LabGrade
from conformance.classes.results.scale import plain
from conformance.classes.results.symptoms import ClassSymptom, symptoms_of
from conformance.reports.classes.reveal import why_no_run
from conformance.reports.pages.links import anchor_of, link_to
from conformance.reports.text import palette
from conformance.reports.text.visible import shorten_middle, visible
from conformance.verdict.model import Clause, Outcome, Run, Verdict, order_of
from conformance.verdict.points import counted, is_advice

MAX_NAME = 60
"""Columns of a name."""

MAX_REASON = 160
"""Columns of the reason why there is no run."""


@dataclass(frozen=True)
class CellSort:
    """What a cell may be."""

    kind: str
    """One letter: the class of the cell."""
    sign: str
    words: str
    linked: bool = True


SORTS = (
    CellSort("p", palette.MARKS[Outcome.PASSED], "passed", linked=False),
    CellSort("f", palette.MARKS[Outcome.FAILED], "failed"),
    CellSort("a", palette.ADVICE_MARK, "failed, but costs no points"),
    CellSort("i", palette.MARKS[Outcome.INCONCLUSIVE], "open: could not be judged"),
    CellSort("n", palette.MARKS[Outcome.NOT_RUN], "not shown, or not run"),
    CellSort("c", palette.CORRECTED_MARK, "corrected by hand"),
    CellSort("l", "○", "left out by the call", linked=False),
)
_BY_KIND = {sort.kind: sort for sort in SORTS}


def sort_of(verdict: Verdict, *, strict: bool) -> CellSort:
    if verdict.corrected:
        return _BY_KIND["c"]
    if verdict.left_out:
        return _BY_KIND["l"]
    if verdict.outcome is Outcome.FAILED:
        return _BY_KIND["a" if is_advice(verdict, strict=strict) else "f"]
    kinds = {Outcome.PASSED: "p", Outcome.INCONCLUSIVE: "i", Outcome.NOT_RUN: "n"}
    return _BY_KIND[kinds[verdict.outcome]]


@dataclass(frozen=True)
class HeatMap:
    """The table of one lab."""

    lab: str
    title: str
    clauses: Sequence[Clause]
    """The columns."""
    rows: Sequence[Markup]
    """One for each student, in the order of the class."""
    sorts: Sequence[CellSort]
    """What its cells are."""
    symptoms: Sequence[str]
    """Names of symptoms. A row's `data-s` has the places of its own in this list."""
    most: int
    """What the lab is worth; 0 if not known."""
    hides: bool
    """Whether the class hides clauses of the lab from its students."""


def heat_map(
    graded: Class,
    plan: LabPlan,
    grades: Sequence[Grade],
    results: Mapping[tuple[str, str], Result],
    symptoms: Iterable[ClassSymptom],
) -> HeatMap:
    """The table of one lab. `results`: by author and lab; `symptoms`: those of the whole class."""
    of_lab = [result for (_, lab), result in results.items() if lab == plan.name]
    runs = [result.run for result in of_lab if result.run is not None]
    clauses = {v.clause.number: v.clause for run in runs for v in run.verdicts}
    columns = [clauses[number] for number in sorted(clauses, key=order_of)]
    names = {each.name: place for place, each in enumerate(_of_lab(symptoms, plan.name))}
    place = graded.labs.index(plan)
    hand_ins = {h.author: h for h in graded.hand_ins if h.lab == plan.name}
    rows = []
    for grade in grades:
        author = graded.author_of(grade.student)
        hand_in = hand_ins.get(author) or HandIn(author, plan.name, None)
        result = results.get((author, plan.name)) or Result(hand_in, None)
        rows.append(_row(grade, grade.labs[place], result, columns, names))
    found = {sort_of(v, strict=run.strict) for run in runs for v in run.verdicts}
    return HeatMap(
        plan.name,
        next((run.title for run in runs if run.title), ""),
        columns,
        rows,
        [sort for sort in SORTS if sort in found],
        list(names),
        plan.possible or max((grade.labs[place].possible for grade in grades), default=0),
        bool(graded.feedback.hidden or plan.hidden),
    )


def _of_lab(symptoms: Iterable[ClassSymptom], lab: str) -> Sequence[ClassSymptom]:
    return [each for each in symptoms if each.lab == lab]


def page_of(student: Student) -> Markup:
    """The address of the student's page, from that of the class."""
    return link_to(f"students/{safe_name(student.id)}.html")


def name_of(student: Student) -> str:
    return visible(shorten_middle(student.name or student.id, MAX_NAME))


def _row(
    grade: Grade,
    worth: LabGrade,
    result: Result,
    columns: Sequence[Clause],
    symptoms: Mapping[str, int],
) -> Markup:
    page = page_of(grade.student)
    run = result.run
    own = [symptoms[s.name] for s in symptoms_of(run) if s.name in symptoms] if run else []
    cells = (
        _cells(result.hand_in.lab, run, columns, page) if run else [_without_run(result, columns)]
    )
    began = Markup('<tr data-s="{}">').format(" ".join(map(str, own))) if own else Markup("<tr>")
    return Markup("").join([began, *_head(grade, worth, page), *cells, Markup("</tr>")])


def _head(grade: Grade, worth: LabGrade, page: Markup) -> Iterator[Markup]:
    """The cells before the clauses."""
    who = grade.student
    more = [who.id] if who.name and who.name != who.id else []
    more += [f"group {who.group}"] if who.group else []
    told = visible(shorten_middle(" · ".join(more), MAX_NAME))
    small = Markup(" <small>{}</small>").format(told) if told else ""
    yield Markup('<th scope="row"><a href="{}">{}</a>{}</th>').format(page, name_of(who), small)
    doubt = "?" if worth.provisional else ""
    points = f"{worth.points}{doubt}" if worth.points or not doubt else "?"
    late = _told_lateness(worth)
    after = Markup(" <small>{}</small>").format(late) if late else ""
    yield Markup("<td>{}{}</td>").format(points, after)
    yield Markup("<td>{}</td>").format("?" if grade.provisional else visible(grade.grade))


def _told_lateness(worth: LabGrade) -> str:
    """Why the grade may be lower than the points are; "" of what was in time."""
    late = worth.late
    if not late.days:
        return ""
    if late.waived:
        return "late, waived"
    return f"late, {plain(late.cost)} % off" if late.cost else "late"


def _cells(lab: str, run: Run, columns: Sequence[Clause], page: Markup) -> Iterator[Markup]:
    by_number = {verdict.clause.number: verdict for verdict in run.verdicts}
    for clause in columns:
        verdict = by_number.get(clause.number)
        if verdict is None:
            yield Markup("<td></td>")
            continue
        sort = sort_of(verdict, strict=run.strict)
        if sort.linked:
            place = f"{page}#{escape(anchor_of(lab, clause.number))}"
            # A whole address and a sign that was written here: nothing is left to be escaped.
            yield Markup(f'<td class={sort.kind}><a href="{place}">{sort.sign}</a></td>')
        else:
            yield Markup(f"<td class={sort.kind}>{sort.sign}</td>")


def _without_run(result: Result, columns: Sequence[Clause]) -> Markup:
    """One cell for all clauses: why there is nothing to be seen."""
    told = result.total.told if result.total is not None else why_no_run(result)
    told = visible(shorten_middle(told, MAX_REASON))
    cell = Markup("<td class=w colspan={}><p>{}</p></td>")
    return cell.format(max(len(columns), 1), told)


def worth_of(clause: Clause) -> str:
    """What the clause binds and weighs, in words."""
    weight = f", {counted(clause.weight)}" if clause.weight else ""
    return f"{clause.level.value}{weight}"
