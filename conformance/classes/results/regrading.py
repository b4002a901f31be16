"""What a grading changes, noticed as each hand-in ends, and kept.

    DIR/changes.jsonl    one line for each hand-in whose result a grading has changed, and for each
                         student whose grade it has

A change is on disk before it is printed, so that a grading that was interrupted loses none.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from conformance.classes.model import Class, HandIn, Result
from conformance.classes.results.changes import ResultChange, compare
from conformance.classes.results.class_log import Key
from conformance.classes.results.grade_changes import (
    GradeChange,
    GradesThen,
    compare_grades,
    ungraded,
)
from conformance.classes.results.grades import Grade, grades
from conformance.classes.results.ledger import Ledger
from conformance.classes.results.on_record import OnRecord, current_of, former_of
from conformance.verdict.events import Event, from_lines, to_line
from conformance.verdict.model import WrongCall

CHANGES = "changes.jsonl"
EVENT = "change"
GRADE_EVENT = "grade-change"

T = TypeVar("T")


class Regrading:
    """One call of `conformance grade`, as far as it changes what counted before."""

    def __init__(self, ledger: Ledger, at: str) -> None:
        """To be made before the class is recorded anew. `at`: when it began (ISO 8601, UTC)."""
        self._ledger = ledger
        self._at = at
        self.changes: list[ResultChange] = []
        self.grade_changes: Sequence[GradeChange] = ()
        self.same = 0
        """How many were graded again, and have come out the same."""
        self._former: dict[Key, OnRecord | None] = {}
        self._counted: set[Key] = set()
        """Those that had a run that counted."""
        self._without: dict[Key, str] = {}
        """Those that had none although something was handed in, and why."""
        self._grades: GradesThen | None = None
        """Those before, if the class was graded before."""
        if ledger.seed is None:
            return
        self._grades = grades_of(ledger)
        for hand_in in ledger.of.hand_ins:
            key = (hand_in.author, hand_in.lab)
            if ledger.is_current(hand_in):
                self._counted.add(key)
            elif not hand_in.is_absent and (told := ledger.trouble_of(hand_in)):
                self._without[key] = told

    def before(self, hand_in: HandIn) -> None:
        """To be called before a new run takes the place of the former one."""
        key = (hand_in.author, hand_in.lab)
        if key in self._without:
            self._former[key] = OnRecord(*key, trouble=self._without[key])
        else:
            self._former[key] = former_of(self._ledger, hand_in)

    def after(self, hand_in: HandIn) -> None:
        """To be called when a hand-in has ended, with a run or without. Raises OSError."""
        key = (hand_in.author, hand_in.lab)
        if key not in self._former:
            self.before(hand_in)
        former = self._former.pop(key)
        if former is None:
            return  # graded for the first time
        now = current_of(self._ledger, hand_in, self._ledger.result(hand_in))
        if change := compare(former, now):
            self.changes.append(change)
            keep(self._ledger.folder, [change], self._at)
        elif now.run is not None:
            self.same += 1

    def settle(self, hand_ins: Sequence[HandIn]) -> None:
        """To be called at the end: notices what no longer counts, and was not run again. Raises
        OSError."""
        unseen = self._counted - {(change.author, change.lab) for change in self.changes}
        for hand_in in hand_ins:
            key = (hand_in.author, hand_in.lab)
            if key in unseen and not self._ledger.is_current(hand_in):
                self.after(hand_in)

    def settle_grades(
        self, graded: Class, results: Sequence[Result], marks: Sequence[Grade]
    ) -> None:
        """To be called last, with what the class has now: notices which grades are others. Raises
        OSError."""
        if self._grades is None:
            return
        now = GradesThen(graded, marks, ungraded(results))
        self.grade_changes = compare_grades(self._grades, now)
        told = map(msgspec.to_builtins, self.grade_changes)
        _append(self._ledger.folder, [{"event": GRADE_EVENT, "at": self._at, **of} for of in told])


def grades_of(ledger: Ledger) -> GradesThen:
    """The grades that a class has now. Raises WrongCall if the folder holds no class."""
    graded = ledger.shown
    results = [ledger.outline(hand_in) for hand_in in graded.hand_ins]
    return GradesThen(graded, grades(graded, results), ungraded(results))


def keep(folder: Path, changes: Sequence[ResultChange], at: str) -> None:
    """Writes changes behind those that are kept already. Raises OSError."""
    _append(folder, [{"event": EVENT, "at": at, **change_to_json(change)} for change in changes])


def _append(folder: Path, events: Sequence[Event]) -> None:
    if not events:
        return
    lines = [to_line(event) for event in events]
    with (folder / CHANGES).open("a", encoding="ascii") as file:
        file.write("".join(lines))
        file.flush()
        os.fsync(file.fileno())


def kept(folder: Path) -> Mapping[str, Sequence[ResultChange]]:
    """The changes that are kept, by the time of the grading, the first one first. Raises
    WrongCall if the file cannot be read; without one, there are none."""
    return _kept(folder, EVENT, change_from_json)


def kept_grades(folder: Path) -> Mapping[str, Sequence[GradeChange]]:
    """The changes of grades that are kept; as `kept`."""
    return _kept(folder, GRADE_EVENT, lambda told: msgspec.convert(told, GradeChange))


def _kept(
    folder: Path, kind: str, of: Callable[[Mapping[str, Any]], T]
) -> Mapping[str, Sequence[T]]:
    found: dict[str, list[T]] = {}
    path = folder / CHANGES
    try:
        with path.open(encoding="ascii") as lines:
            for event in from_lines(lines):
                if event["event"] == kind:
                    found.setdefault(str(event["at"]), []).append(of(event))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise WrongCall(f"cannot read {path}: {error.strerror}") from None
    except (WrongCall, ValueError, KeyError, TypeError) as error:
        raise WrongCall(f"{path} is damaged: {error}") from None
    return found


def change_to_json(change: ResultChange) -> dict[str, Any]:
    """The change as JSON, by the names of its fields, but for two that have other names in all our
    JSON: `student` and `max_points`."""
    told: dict[str, Any] = msgspec.to_builtins(change)
    for state in (clause[side] for clause in told["clauses"] for side in ("before", "after")):
        state["max_points"] = state.pop("possible")
    return {"student": told.pop("author"), **told}


def change_from_json(told: Mapping[str, Any]) -> ResultChange:
    """The change that `change_to_json` wrote. Raises KeyError, TypeError or ValueError if it is
    none."""
    clauses = [
        {**clause, **{side: _state(clause[side]) for side in ("before", "after")}}
        for clause in told["clauses"]
    ]
    whole = {**told, "author": told["student"], "clauses": clauses}
    return msgspec.convert(whole, ResultChange)


def _state(told: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**told, "possible": told["max_points"]}
