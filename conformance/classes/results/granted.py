"""[extensions] and [waivers] of class.toml: what single students were granted.

[extensions] gives an id a time or a number of additional days, for all labs with an earlier
deadline; or a table of these by lab. [waivers] gives it "all", or a list of labs. Waivers take
precedence over extensions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any

from conformance.classes.file_names import same
from conformance.classes.model import Grant, LabPlan, Student
from conformance.classes.tables import Table, as_words
from conformance.verdict.model import WrongCall

ALL = "all"
MAX_DAYS = 3650
"""Ten years. More is a typing error."""


@dataclass(frozen=True)
class Asked:
    """A grant in the file, whose id has not been looked up yet."""

    where: str
    """The table and the key, for messages."""
    whom: str
    """Id of a student, or of a group."""
    lab: str
    until: datetime | None
    """None: a waiver."""


def read_grants(table: Table, plans: Sequence[LabPlan]) -> list[Asked]:
    """The grants in both tables of the file, in rising priority. Raises WrongCall: an unknown lab,
    one without a deadline, a wrong time, or one that is no later than the deadline."""
    extensions = table.table("extensions", "ann = 2026-11-27T23:59:00+01:00")
    waivers = table.table("waivers", 'ann = "all"')
    asked: list[Asked] = []
    for whom, value in extensions.items():
        where = f"{table.where}, [extensions] {whom}"
        asked += _extended(where, whom, value, plans)
    for whom, value in waivers.items():
        where = f"{table.where}, [waivers] {whom}"
        names = [plan.name for plan in plans]
        labs = names if value == ALL else as_words(value, table, f"waivers.{whom}")
        asked += (Asked(where, whom, _plan(where, lab, plans).name, None) for lab in labs)
    return asked


def _extended(where: str, whom: str, value: Any, plans: Sequence[LabPlan]) -> Iterator[Asked]:
    if isinstance(value, dict):
        for lab, until in value.items():
            plan = _plan(where, lab, plans)
            if plan.deadline is None:
                raise WrongCall(f"{where}: the lab {lab} has no deadline that could be extended")
            later = _until(where, until, plan.deadline)
            if later <= plan.deadline:
                raise WrongCall(f"{where}: {until} is no later than the deadline, {plan.deadline}")
            yield Asked(where, whom, lab, later)
        return
    found = [
        Asked(where, whom, plan.name, later)
        for plan in plans
        if plan.deadline and (later := _until(where, value, plan.deadline)) > plan.deadline
    ]
    if not found:
        raise WrongCall(f"{where}: no lab has a deadline that is earlier than {value}")
    yield from found


def _plan(where: str, lab: str, plans: Sequence[LabPlan]) -> LabPlan:
    for plan in plans:
        if plan.name == lab:
            return plan
    there = ", ".join(plan.name for plan in plans)
    raise WrongCall(f"{where}: the class is not graded for {lab!r}; it has {there}")


def _until(where: str, value: Any, deadline: datetime) -> datetime:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value
    days = isinstance(value, int | float) and not isinstance(value, bool)
    if days and 0 < value <= MAX_DAYS:
        with suppress(OverflowError):  # beyond the year 9999
            return deadline + timedelta(days=value)
    wanted = "a time with its zone, like 2026-11-27T23:59:00+01:00, or a number of days"
    raise WrongCall(f"{where}: an extension is {wanted}, not {value}")


def granted(
    asked: Sequence[Asked], students: Sequence[Student], *, closed: bool
) -> tuple[tuple[Grant, ...], list[str]]:
    """The grants of all students, and sentences about unknown ids. In a class with a roster
    (`closed`) these raise WrongCall."""
    by_name: dict[str, list[Student]] = {}
    for student in students:
        by_name.setdefault(same(student.id), []).append(student)
        if student.group:
            by_name.setdefault(same(student.group), []).append(student)
    grants: dict[tuple[str, str], Grant] = {}
    told: dict[str, None] = {}
    for each in asked:
        whose = by_name.get(same(each.whom), [])
        if not whose:
            told[_nobody(each, list(by_name), closed=closed)] = None
        for student in whose:
            grants[student.id, each.lab] = Grant(student.id, each.lab, each.until)
    if told and closed:
        raise WrongCall(next(iter(told)))
    return tuple(grants.values()), list(told)


def _nobody(asked: Asked, there: Sequence[str], *, closed: bool) -> str:
    near = get_close_matches(same(asked.whom), there, n=1)
    meant = f"; did you mean {near[0]}?" if near else ""
    if closed:
        return f"{asked.where}: there is nobody of that id in the roster{meant}"
    return f"{asked.where}: nobody of that id has handed in{meant}"
