"""A class of any size, made up: people, faults and symptoms, the same each time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from conformance.classes.model import Class, HandIn, LabPlan, Result, Student, SymptomNote
from conformance.classes.results.symptoms import notes_on
from conformance.verdict.model import Attempt, Clause, Common, Level, Outcome, Verdict
from conformance.verdict.symptoms import Sign, Symptom
from conformance.verdict.violation import Fault, Kind
from kit.runs import ALICE, not_shown, said

FIRST = (
    *("Ada", "Alan", "Barbara", "Claude", "Donald", "Edsger", "Frances", "Grace", "Hedy", "Ida"),
    *("Jon", "Katherine", "Leslie", "Margaret", "Niklaus", "Ole-Johan", "Peter", "Radia"),
    *("Sophie", "Tim", "Vint", "Yukihiro"),
)
LAST = (
    *("Ammann", "Berset", "Cruchon", "Dubois", "Egli", "Favre", "Gerber", "Huber", "Imhof"),
    *("Jaquet", "Keller", "Lüthi", "Müller", "Nägeli", "Oberson", "Perrin", "Rochat", "Schmid"),
    *("Tissot", "Vuilleumier", "Widmer", "Zürcher"),
)

SERVES = (
    "Your server starts a thread for each client: 20 clients, 21 threads. Threads with 0, 1, 5 and"
    " 20 clients: 1, 2, 6 and 21.",
    "Your server serves one client at a time: of 20 clients 1 is answered, the others wait.",
    "Your server serves all clients in one thread, an event loop (epoll): 20 clients, 1 thread.",
    "Your server has a pool of 10 threads: of 20 clients 10 are served at once, the others wait.",
)

NO_FLUSH = "no flush"
NOTE = SymptomNote("echo", NO_FLUSH, "println() alone keeps it: see slide 14.", "2026-11-30")

_SIGNS = ((Sign.NOTHING, Kind.SILENCE), (Sign.FORM, Kind.FORM), (Sign.OPEN, Kind.OPEN))


def clauses(number: int) -> Sequence[Clause]:
    """So many clauses, six a section; of each section the last is a SHOULD."""
    return [
        Clause(
            f"{place // 6 + 1}.{place % 6 + 1}",
            Level.SHOULD if place % 6 == 5 else Level.MUST,
            1 + place % 3,
            f"keeps_promise_{place}",
            f"`line {place}⏎` is answered within 1 s, whatever else goes on meanwhile.",
            section=f"Part {place // 6 + 1}",
        )
        for place in range(number)
    ]


def large_class(
    students: int, of_clauses: int, labs: Sequence[str] = ("echo",)
) -> tuple[Class, Sequence[Result]]:
    """So many students, each with a hand-in for each lab: nine of ten are judged, some are missing,
    open, not started, or corrected by hand."""
    draw = Random(20261130)
    people = tuple(
        Student(
            f"s{n:04}",
            f"{FIRST[n % len(FIRST)]} {LAST[(n + n // len(FIRST)) % len(LAST)]}",
        )
        for n in range(students)
    )
    asked = clauses(of_clauses)
    most = sum(clause.weight for clause in asked if clause.level is Level.MUST)
    results = [
        _result(each, place, lab, asked, draw) for lab in labs for place, each in enumerate(people)
    ]
    graded = Class(
        "Network programming, autumn",
        people,
        tuple(LabPlan(lab, possible=most) for lab in labs),
        tuple(result.hand_in for result in results),
        scale="linear 1..6",
    )
    return graded, results


def _result(
    student: Student, place: int, lab: str, asked: Sequence[Clause], draw: Random
) -> Result:
    hand_in = HandIn(student.id, lab, Path(f"/class/{student.id}.py"))
    if place % 17 == 7:
        absent = replace(hand_in, path=None)
        return Result(absent, None, trouble="nothing handed in", blame="student")
    if place % 23 == 11:
        told = f"{student.id}.rar: such an archive cannot be opened here"
        return Result(hand_in, None, trouble=told, blame="suite", refused=True)
    run = replace(ALICE, lab=lab, submission=student.id, notes=(), common=())
    skill = draw.random()
    held: list[Verdict] = []
    for clause in asked:
        held.append(_verdict(clause, skill, held, draw))
    lost = [v.clause.number for v in held if v.outcome is Outcome.FAILED]
    common = Common(NO_FLUSH, "It answers only when the client has ended.", tuple(lost[:3]))
    unflushed = len(lost) >= 3 and draw.random() < 0.5
    run = replace(run, verdicts=tuple(held), common=(common,) if unflushed else ())
    return Result(hand_in, run, notes=notes_on(lab, run, [NOTE]))


def _verdict(clause: Clause, skill: float, before: Sequence[Verdict], draw: Random) -> Verdict:
    worth = clause.weight if clause.level is Level.MUST else 0
    chance, failed = draw.random(), [v for v in before if v.outcome is Outcome.FAILED]
    notes = (SERVES[int(skill * len(SERVES))],) if clause.number == "1.6" else ()
    if chance < 0.55 + skill / 2:
        return Verdict(clause, clause.level, Attempt(Outcome.PASSED, notes=notes), worth, worth)
    if chance > 0.985:
        reason = "Late once (1.3 s), then in time on a fresh server: this machine was busy."
        attempt = Attempt(Outcome.INCONCLUSIVE, reason=reason)
        return Verdict(clause, clause.level, attempt, worth, None if worth else 0)
    if failed and chance > 0.93:
        return replace(not_shown(clause, failed[0].clause.number), possible=worth)
    sign, kind = _SIGNS[clause.weight - 1]
    text = "".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=10))
    attempt = Attempt(
        Outcome.FAILED,
        said(
            (0.0, "suite", "client connected"),
            (0.0021, "client", f"{text}\n"),
            (0.0035, "server", f"> {text}\n"),
        ),
        expected=f"> {text.upper()}\n",
        actual=f"> {text}\n",
        hint="Each reply is the prefix, then the line in upper case.",
        fault=Fault.WRONG,
        kind=kind,
        symptom=Symptom(sign),
        lines=True,
        notes=notes,
    )
    verdict = Verdict(clause, clause.level, attempt, worth, 0)
    if chance > 0.975 and worth:
        return replace(verdict, points=worth, corrected=f"The teacher gave {worth} points: seen.")
    return verdict
