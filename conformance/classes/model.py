"""What the suite talks about when it grades a class: students, what they handed in, what it
is worth. Values only, frozen, like `conformance.verdict.model`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from conformance.verdict.model import Run
from conformance.verdict.points import counted


class Reveal(StrEnum):
    """What a student may read of a verdict; each includes what stands before it."""

    POINTS = "points"
    """Clauses, outcomes and points."""
    EVIDENCE = "evidence"
    """Also what was expected and what came, with the conversation."""
    HINTS = "hints"
    """Also the hints, and how to see it oneself: everything."""


@dataclass(frozen=True)
class Student:
    """One person of the roster, or the author of an entry that no roster names."""

    id: str
    """What the roster, or the name of the entry, identifies the person by."""
    name: str = ""
    group: str = ""
    """The group that hands in together; "" for somebody who works alone."""


@dataclass(frozen=True)
class LabPlan:
    """One lab that the class is graded for."""

    name: str
    """The lab, or the variant."""
    weight: float = 1.0
    """Its share of the total, beside those of the other labs."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Parameters, as `--set` takes them."""
    counts: tuple[str, ...] = ()
    """SHOULD clauses that count; ("all",) for every one."""
    only: str = ""
    """Clauses or sections that are judged, separated by commas; empty: all."""
    deadline: datetime | None = None
    """With its time zone."""
    folder: str = ""
    """Where the entries for this lab are, below the folder of submissions; "" for all labs
    in one."""
    possible: int = 0
    """What all clauses that count are worth together; 0 where that is not known."""
    arguments: tuple[str, ...] = ()
    """What every program is started with, unless its manifest says so (see `Request`)."""


@dataclass(frozen=True)
class LatePolicy:
    """What a day after the deadline costs."""

    per_day: float = 0.0
    """Percent of the points that were earned, for each day that has begun."""
    grace: timedelta = timedelta(0)
    """Nothing is late that came within it; after it, days count from the deadline."""
    most: float = 100.0
    """Percent that lateness costs at most."""


@dataclass(frozen=True)
class Grant:
    """What one student was granted for one lab: a deadline of their own, or none at all."""

    student: str
    """The id."""
    lab: str
    until: datetime | None
    """With its time zone; None: lateness costs nothing (a waiver)."""


TOTAL = ""
"""Stands for all of a lab where a clause's number would stand."""


@dataclass(frozen=True)
class Override:
    """A teacher's correction of one clause, or of a lab's total."""

    student: str
    """The id; of a group, that of the group: all its members get it."""
    lab: str
    clause: str
    """Its number; TOTAL: it is of the lab's points altogether."""
    points: int
    because: str
    at: str
    """ISO 8601, UTC."""
    work: str = ""
    """What had been handed in then (see `fingerprint.work_of`): it corrects no other; "" where
    that is not known."""

    @property
    def is_total(self) -> bool:
        return self.clause == TOTAL

    @property
    def of(self) -> str:
        """What it corrects, in words: `clause 4.1`."""
        return "the total" if self.is_total else f"clause {self.clause}"


@dataclass(frozen=True)
class Total:
    """A lab's points altogether, as a teacher has corrected them."""

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
    """The file, folder or archive; None where nothing was handed in."""
    submitted: datetime | None = None
    """When, where that is known; with its time zone."""
    problem: str = ""
    """Why it cannot be told what was handed in (two entries of one student, …): the teacher
    decides, until then the result is open."""
    remarks: tuple[str, ...] = ()
    """What the teacher should know about how it was chosen; costs nothing."""
    missing: bool = False
    """Nothing of theirs was found, and that is no proof: the `problem` says why."""
    matched: str = field(default="", compare=False)
    """Which entry it is, and by what it is known to be theirs; "" where it is not known, or is
    not looked up now."""

    @property
    def is_absent(self) -> bool:
        """Nothing was handed in, for certain."""
        return self.path is None and not self.problem


@dataclass(frozen=True)
class Class:
    """A class, and how it is to be graded."""

    title: str
    students: tuple[Student, ...]
    labs: tuple[LabPlan, ...]
    hand_ins: tuple[HandIn, ...]
    """One for each author and lab, those who handed in nothing included."""
    late: LatePolicy = LatePolicy()
    scale: str = "percent"
    """"linear 1..6" (Switzerland: 1 for nothing, 6 for all, a tenth apart), "percent", or
    letters with the least percent of each ("A 90, B 80, C 70, D 60, F 0")."""
    reveal: Reveal = Reveal.HINTS
    warnings: tuple[str, ...] = ()
    """Sentences for the teacher: entries that belong to nobody, times that are not known."""
    step: str = ""
    """What grades are rounded to, as it is written ("0.5"); "" for tenths."""
    separator: str = ","
    """Between the cells of grades.csv: "," or ";"."""
    grants: tuple[Grant, ...] = ()
    """One for a student and a lab at most."""

    def author_of(self, student: Student) -> str:
        """Under whose id the student's work is handed in and judged."""
        return student.group or student.id


@dataclass(frozen=True)
class Result:
    """What became of one hand-in."""

    hand_in: HandIn
    run: Run | None
    """The run with its overrides applied; None where there is none."""
    overrides: tuple[Override, ...] = ()
    trouble: str = ""
    """Why there is no run: nothing was handed in, it could not be taken in, not yet graded."""
    blame: str = ""
    """"student" where `trouble` costs all points (nothing was handed in), "suite" where the
    result is still open."""
    total: Total | None = None
    """The points of the whole lab, where a correction of them is in force: then what the
    clauses earned decides nothing."""
    refused: bool = False
    """`trouble` is that what was handed in could not be started: this suite, or this machine,
    could not take or recognise it. Open, as all that nobody has judged."""

    @property
    def told(self) -> str:
        """The trouble, with what it was an obstacle to."""
        return f"could not be started: {self.trouble}" if self.refused else self.trouble
