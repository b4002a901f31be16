"""The values of a class: students, what they handed in, and what it is worth."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from conformance.verdict.model import Run
from conformance.verdict.points import counted


class Reveal(StrEnum):
    """What a student may read of a verdict. Each level includes those above it."""

    POINTS = "points"
    """Clauses, outcomes and points."""
    EVIDENCE = "evidence"
    """Also what was expected and what came, with the conversation."""
    HINTS = "hints"
    """Also the hints and commands: everything."""


@dataclass(frozen=True)
class Student:
    """A person of the roster; without a roster, the author of an entry."""

    id: str
    """The id in the roster, or in the name of the entry."""
    name: str = ""
    group: str = ""
    """The group that the student hands in with; "" for none."""


@dataclass(frozen=True)
class LabPlan:
    """A lab that the class is graded for."""

    name: str
    """The name of the lab, or of a variant."""
    weight: float = 1.0
    """Its weight in the grade, relative to those of the other labs."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Parameters, as `--set` takes them."""
    counts: tuple[str, ...] = ()
    """SHOULD clauses that count; ("all",) for every one."""
    only: str = ""
    """The clauses or sections that are judged, separated by commas; "" for all."""
    deadline: datetime | None = None
    """With its time zone."""
    folder: str = ""
    """The folder of its entries, below that of the submissions; "" if all labs share one."""
    possible: int = 0
    """The points of all clauses that count together; 0 if not known."""
    arguments: tuple[str, ...] = ()
    """The arguments of every program, unless its manifest has others (see `Request`)."""


@dataclass(frozen=True)
class LatePolicy:
    """The class's policy for hand-ins after the deadline."""

    per_day: float = 0.0
    """Percent of the earned points that each day begun costs."""
    grace: timedelta = timedelta(0)
    """Nothing is late within this time. After it, days are counted from the deadline."""
    most: float = 100.0
    """Percent that lateness costs at most."""


@dataclass(frozen=True)
class Grant:
    """An extension or a waiver of one student for one lab."""

    student: str
    lab: str
    until: datetime | None
    """The student's own deadline, with its time zone; None for a waiver: lateness costs nothing."""


TOTAL = ""
"""Replaces a clause's number where the whole lab is meant."""


@dataclass(frozen=True)
class Override:
    """A teacher's correction of one clause, or of a lab's total."""

    student: str
    """Id of the student, or of a group: then it holds for all members."""
    lab: str
    clause: str
    """The clause's number, or TOTAL for the points of the whole lab."""
    points: int
    because: str
    at: str
    """ISO 8601, UTC."""
    work: str = ""
    """The only hand-in that it holds for (see `fingerprint.work_of`); "" if not known."""

    @property
    def is_total(self) -> bool:
        return self.clause == TOTAL

    @property
    def of(self) -> str:
        """What it corrects, in words: "clause 4.1"."""
        return "the total" if self.is_total else f"clause {self.clause}"


@dataclass(frozen=True)
class Total:
    """The points of a whole lab, as a teacher has corrected them."""

    points: int
    possible: int
    """What the lab is worth."""
    because: str

    @property
    def told(self) -> str:
        points = f"{self.points} of {counted(self.possible)}"
        return f"The teacher gave {points} for the whole lab: {self.because}"


@dataclass(frozen=True)
class HandIn:
    """What one author (a student, or a group) handed in for one lab."""

    author: str
    """Id of the student or of the group."""
    lab: str
    path: Path | None
    """The file, folder or archive; None if nothing was handed in."""
    submitted: datetime | None = None
    """When it was handed in, with the time zone; None if not known."""
    problem: str = ""
    """Why it is not clear what was handed in (two entries of one student, …). The result is open
    until the teacher decides."""
    remarks: tuple[str, ...] = ()
    """What the teacher should know about how it was found. It costs nothing."""
    missing: bool = False
    """No entry was found, but there may be one; `problem` says why."""
    matched: str = field(default="", compare=False)
    """The name of the entry, and how it was matched to the author; "" if neither is known."""

    @property
    def is_absent(self) -> bool:
        """Whether nothing was handed in, for certain."""
        return self.path is None and not self.problem


@dataclass(frozen=True)
class Class:
    """A class, and how it is graded."""

    title: str
    students: tuple[Student, ...]
    labs: tuple[LabPlan, ...]
    hand_ins: tuple[HandIn, ...]
    """One for each author and lab, even if nothing was handed in."""
    late: LatePolicy = LatePolicy()
    scale: str = "percent"
    """"linear 1..6" (Switzerland: 1 for nothing, 6 for all, a tenth apart), "percent", or
    letters with the least percent of each ("A 90, B 80, C 70, D 60, F 0")."""
    reveal: Reveal = Reveal.HINTS
    warnings: tuple[str, ...] = ()
    """Sentences for the teacher, such as about entries that belong to nobody."""
    step: str = ""
    """The step to which grades are rounded, as it was written ("0.5"); "" for tenths."""
    separator: str = ","
    """Separates the cells of grades.csv: "," or ";"."""
    grants: tuple[Grant, ...] = ()
    """At most one for a student and a lab."""

    def for_labs(self, names: Collection[str]) -> Class:
        """The class as if it had these of its labs only."""
        return replace(
            self,
            labs=tuple(plan for plan in self.labs if plan.name in names),
            hand_ins=tuple(hand_in for hand_in in self.hand_ins if hand_in.lab in names),
        )

    def author_of(self, student: Student) -> str:
        """The id under which the student's work is handed in: the group's, or the student's."""
        return student.group or student.id


@dataclass(frozen=True)
class Result:
    """The result of one hand-in."""

    hand_in: HandIn
    run: Run | None
    """The run with its corrections applied; None if there is none."""
    overrides: tuple[Override, ...] = ()
    trouble: str = ""
    """Why there is no run: nothing was handed in, it could not be taken in, not yet graded."""
    blame: str = ""
    """"student" if `trouble` costs all points, "suite" if the result is open."""
    total: Total | None = None
    """The corrected points of the whole lab. They count instead of those of the clauses."""
    refused: bool = False
    """Whether `trouble` is that it could not be taken in or recognised: then it is open."""

    @property
    def told(self) -> str:
        """The trouble, as a sentence."""
        return f"could not be started: {self.trouble}" if self.refused else self.trouble
