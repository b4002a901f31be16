"""The symptoms of a class: what its programs fail by, and a teacher's notes on that. Pure.

A symptom has a name that is the same for every program of a lab: that of what several failures of a
run have in common ("no flush"), or else the clause with what was seen there ("4.1 never closed").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from conformance.classes.model import Result, SymptomNote
from conformance.verdict.model import BUILDS, Outcome, Run, Verdict
from conformance.verdict.symptoms import Sign
from conformance.verdict.violation import Kind

NOT_COMPILED = "does not compile"
_SYNTAX = frozenset({"SyntaxError", "IndentationError", "TabError"})
"""What a program prints at its start that its interpreter could not read."""


@dataclass(frozen=True)
class SeenSymptom:
    """A symptom of one run."""

    name: str
    sentence: str
    """What the program does; of a single clause, what it asks."""
    clauses: tuple[str, ...]
    """Those that failed by it, or could not be shown; never empty."""


def symptoms_of(run: Run) -> Iterator[SeenSymptom]:
    """What its failures have in common; then each failure that nothing explains so far."""
    explained: set[str] = set()
    if clauses := _not_compiled(run):
        yield SeenSymptom(NOT_COMPILED, "It does not compile, so that nothing of it runs.", clauses)
        explained.update(clauses)
    for common in run.common:
        if not explained.issuperset(common.clauses):
            yield SeenSymptom(common.name, common.sentence, common.clauses)
            explained.update(common.clauses)
    for verdict in run.verdicts:
        number = verdict.clause.number
        if verdict.outcome is Outcome.FAILED and number not in explained:
            asked = " ".join(verdict.clause.text.split())
            yield SeenSymptom(f"{number} {_seen(verdict)}", asked, (number,))


def _not_compiled(run: Run) -> tuple[str, ...]:
    """The clauses that are lost because the program does not compile, first the one that pays for
    it; empty where it does. An interpreter says so at the program's start."""
    if any(verdict.outcome is Outcome.PASSED for verdict in run.verdicts):
        return ()
    for verdict in run.verdicts:
        held, number = verdict.attempt, verdict.clause.number
        ended = held.symptom is not None and held.symptom.sign is Sign.ENDED
        unread = ended and held.thrown is not None and held.thrown.name in _SYNTAX
        if verdict.outcome is Outcome.FAILED and (held.expected == BUILDS or unread):
            behind = (v for v in run.verdicts if v.not_shown and number in v.attempt.behind)
            return (number, *(each.clause.number for each in behind))
    return ()


def _seen(verdict: Verdict) -> str:
    """What was seen of the failure, in a few words that other failures share."""
    held = verdict.attempt
    if held.symptom is not None:
        return held.symptom.sign.value
    return _BY_KIND[held.kind].value if held.kind is not None else "failed"


_BY_KIND = {
    Kind.SILENCE: Sign.NOTHING,
    Kind.LATE: Sign.LATE,
    Kind.FORM: Sign.FORM,
    Kind.CLOSED: Sign.CLOSED,
    Kind.OPEN: Sign.OPEN,
    Kind.ENDED: Sign.ENDED,
    Kind.REFUSED: Sign.REFUSED,
}
"""What is said of a failure of which only the kind is known."""


def notes_on(lab: str, run: Run, notes: Iterable[SymptomNote]) -> tuple[SymptomNote, ...]:
    """The notes on symptoms of this run of the lab, each with the run's own clauses."""
    seen = {symptom.name: symptom.clauses for symptom in symptoms_of(run)}
    return tuple(
        replace(note, clauses=seen[note.symptom])
        for note in notes
        if note.lab == lab and note.symptom in seen
    )


@dataclass(frozen=True)
class ClassSymptom:
    """A symptom that runs of a lab have, and whose they are."""

    lab: str
    name: str
    sentence: str
    """As one of the runs says it."""
    seen: tuple[tuple[str, tuple[str, ...]], ...]
    """The authors, each with the clauses of its own run."""

    @property
    def authors(self) -> tuple[str, ...]:
        return tuple(author for author, _ in self.seen)


def symptoms_in(results: Iterable[Result]) -> Sequence[ClassSymptom]:
    """The symptoms of all runs, in the order in which they come first."""
    sentences: dict[tuple[str, str], str] = {}
    seen: dict[tuple[str, str], list[tuple[str, tuple[str, ...]]]] = {}
    for result in results:
        author, lab = result.hand_in.author, result.hand_in.lab
        for symptom in symptoms_of(result.run) if result.run is not None else ():
            key = (lab, symptom.name)
            sentences.setdefault(key, symptom.sentence)
            seen.setdefault(key, []).append((author, symptom.clauses))
    return [ClassSymptom(*key, sentence, tuple(seen[key])) for key, sentence in sentences.items()]
