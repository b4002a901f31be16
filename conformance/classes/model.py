"""The values of a class: students, what they handed in, and what it is worth."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from conformance.sandbox.hosts.conditions import NetworkConditions
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


class ShowHidden(StrEnum):
    """When students see what is hidden from them."""

    DEADLINE = "deadline"
    """After the deadline of the lab, and after every extension of it."""
    PUBLISHED = "published"
    """When the platform publishes the grades. Where it cannot say so: never."""
    NEVER = "never"


@dataclass(frozen=True)
class Feedback:
    """What students may see of hidden clauses, and how often they may try."""

    hidden: tuple[str, ...] = ()
    """Clauses (4.2) and sections (5) of every lab whose verdicts students do not see."""
    show_hidden: ShowHidden = ShowHidden.DEADLINE
    cooldown: float = 0.0
    """Seconds from one try to the next; 0 for none."""
    attempts_per_day: int = 0
    """Tries within 24 hours; 0 for as many as they like."""


@dataclass(frozen=True)
class Student:
    """A person of the roster; without a roster, the author of an entry."""

    id: str
    """The id in the roster, or in the name of the entry."""
    name: str = ""
    group: str = ""
    """The group that the student hands in with; "" for none."""
    aliases: tuple[str, ...] = ()
    """What else identifies the person, such as an address of mail, as the roster has it."""


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
    network: NetworkConditions = field(default_factory=NetworkConditions)
    """The conditions of the network between the hosts."""
    hidden: tuple[str, ...] = ()
    """Clauses and sections of this lab that are hidden, with those of the class."""


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
class SymptomNote:
    """A teacher's note on a symptom, for all whose programs show it (see `results.symptoms`)."""

    lab: str
    symptom: str
    """Its name."""
    text: str
    at: str
    """ISO 8601, UTC."""
    clauses: tuple[str, ...] = ()
    """The clauses of a run that fail by it; () where no run is meant."""

    @property
    def told(self) -> str:
        """The note, as the student reads it. It does not name the symptom, which the class may not
        reveal."""
        on = " and ".join(filter(None, [", ".join(self.clauses[:-1]), *self.clauses[-1:]]))
        return f"Your teacher on {on}: {self.text}"


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

    unclear: tuple[Path, ...] = field(default=(), compare=False)
    """What was found, where it is not clear which of it is meant: then `path` is None."""

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
    feedback: Feedback = Feedback()
    warnings: tuple[str, ...] = ()
    """Sentences for the teacher, such as about entries that belong to nobody."""
    step: str = ""
    """The step to which grades are rounded, as it was written ("0.5"); "" for tenths."""
    separator: str = ","
    """Separates the cells of grades.csv: "," or ";"."""
    junit_dialect: str = "common"
    """In which JUnit XML is written: see `reports/run/junit_dialects`."""
    grants: tuple[Grant, ...] = ()
    """At most one for a student and a lab."""
    lang: str = ""
    """The language of what students read; "" for that of whoever has it written."""
    unowned: tuple[tuple[str, Path], ...] = ()
    """Entries that belong to nobody for certain, and are not graded: the folder of their labs (see
    `LabPlan.folder`), and where they are."""

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
    notes: tuple[SymptomNote, ...] = ()
    """The teacher's notes on what its failures are symptoms of."""

    @property
    def told(self) -> str:
        """The trouble, as a sentence."""
        return f"could not be started: {self.trouble}" if self.refused else self.trouble
