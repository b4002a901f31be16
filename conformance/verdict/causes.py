"""What several failures of one run have in common, in one sentence. Pure.

A lab lists the causes that it knows. One is told only where all that it asks for was seen: nobody
is helped by a wrong sentence, and a missing one costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from string import Formatter

from conformance.verdict.model import Attempt, Common, Outcome, Verdict, order_of
from conformance.verdict.symptoms import Sign, Symptom

LEAST_CLAUSES = 2
"""Clauses that a sentence has to explain: what is said of one stands in its own account."""

_CEASED = (
    Sign.NOTHING, Sign.LOST, Sign.CUT, Sign.UNENDED, Sign.EXCEPTION,
    Sign.ENDED, Sign.CLOSED, Sign.OPEN, Sign.REFUSED, Sign.NOT_ACCEPTED,
)  # fmt: skip
"""What is seen of a program, or of a thread of it, that an exception has ended."""

Signs = Collection[Sign | Symptom]
"""Of a symptom the facts, and its client, must have been seen too. None: whatever was seen."""


@dataclass(frozen=True)
class Cause:
    """A fault that costs several clauses."""

    name: str
    """Two or three words, for a teacher's table: `no flush`."""
    sentence: str
    """What the program does, in one sentence: `It answers only when the client has ended.` It may
    have `{facts}` of what was seen in the first of the clauses that show it."""
    failed: Mapping[str, Signs]
    """The clauses that show it; each must have failed, with one of these signs."""
    passed: Collection[str] = ()
    """Clauses that it leaves alone: a failure of one of them speaks for something else."""
    explains: Collection[str] = ()
    """Clauses that may fail for the same reason; a mapping gives the signs, as in `failed`."""
    hides: Collection[str] = ()
    """Clauses that cannot be shown because of it: each must stand behind those that show it."""
    moreover: Callable[[Mapping[str, Verdict]], bool] | None = None
    """What no sign says: whether the verdicts, by number, show the rest of it."""

    def seen_in(self, verdicts: Mapping[str, Verdict]) -> bool:
        """Whether all that shows it was seen, and nothing that speaks against it."""
        lost = {number for number, verdict in verdicts.items() if _is_lost(verdict)}
        for number, signs in self.failed.items():
            if number not in lost or not _shows(verdicts[number], signs):
                return False
        hidden = {number for number in _explained(self, verdicts) if verdicts[number].not_shown}
        if not hidden.issuperset(self.hides) or not lost.isdisjoint(self.passed):
            return False
        wanted = {name for _, name, _, _ in Formatter().parse(self.sentence) if name}
        if not self._facts(verdicts).keys() >= wanted:
            return False
        return self.moreover is None or self.moreover(verdicts)

    def said_of(self, verdicts: Mapping[str, Verdict]) -> str:
        """The sentence, with what was seen."""
        return self.sentence.format_map(self._facts(verdicts))

    def _facts(self, verdicts: Mapping[str, Verdict]) -> Mapping[str, str | int | float]:
        symptom = verdicts[next(iter(self.failed))].attempt.symptom
        return symptom.facts if symptom else {}


def never_served(protocol: str = "tcp", gate: str = "1.1") -> list[Cause]:
    """The causes for which no client of any server is served, as the clause shows it that comes
    before all others."""
    spoken, asked = ("UDP", "TCP") if protocol == "tcp" else ("TCP", "UDP")
    causes = [
        Cause("ends at its start", "It ends by itself soon after its start.", {gate: [Sign.ENDED]}),
        Cause("no port", "It opens no port.", {gate: [Sign.NO_PORT]}),
        Cause(
            "another protocol",
            f"It listens with {spoken}, not with {asked}.",
            {gate: [Sign.OTHER_PROTOCOL]},
        ),
    ]
    if protocol == "tcp":
        told = "Its port is open, but it accepts nobody."
        causes.append(Cause("accepts nobody", told, {gate: [Sign.NOT_ACCEPTED]}))
    return causes


def common(verdicts: Sequence[Verdict], causes: Sequence[Cause]) -> tuple[Common, ...]:
    """What the failures have in common: the first of the causes that was seen, then others that
    explain further clauses; then an exception at one place that several of the rest share."""
    by_number = {verdict.clause.number: verdict for verdict in verdicts}
    told: list[Common] = []
    explained: set[str] = set()
    seen = [cause for cause in causes if cause.seen_in(by_number)]
    for cause in (*seen, *seen):  # again, for what is also behind a clause of a later one
        clauses = _explained(cause, by_number, explained) - explained
        if len(clauses) >= LEAST_CLAUSES and not explained & set(cause.failed):
            sentence = cause.said_of(by_number)
            told.append(Common(cause.name, sentence, tuple(sorted(clauses, key=order_of))))
            explained |= clauses
    return (*told, *_thrown_alike([v for v in verdicts if v.clause.number not in explained]))


def _explained(
    cause: Cause, verdicts: Mapping[str, Verdict], before: Set[str] = frozenset()
) -> set[str]:
    """The lost clauses that the cause accounts for: those that show it, those that may fail for the
    same reason, and those that are not shown behind such alone, or also behind those that other
    causes have explained `before`."""
    own = set(cause.failed)
    for number in cause.explains:
        signs = cause.explains[number] if isinstance(cause.explains, Mapping) else ()
        if number in verdicts and (_shows(verdicts[number], signs) if signs else True):
            own.add(number)
    return _with_those_behind(own, verdicts, before)


def _with_those_behind(
    own: Set[str], verdicts: Mapping[str, Verdict], before: Set[str] = frozenset()
) -> set[str]:
    """Those of these clauses that were lost, and those that are not shown because of them."""
    behind = {n: {*verdict.attempt.behind} for n, verdict in verdicts.items() if _is_lost(verdict)}
    found = behind.keys() & own
    while more := {
        number
        for number in behind.keys() - found
        if behind[number] & found and behind[number] <= found | before
    }:
        found |= more
    return found


def _thrown_alike(verdicts: Sequence[Verdict]) -> Iterator[Common]:
    """Where several clauses failed, or could not be shown, while the program printed an exception
    of one place."""
    places: dict[tuple[str, str, int], set[str]] = {}
    by_number = {verdict.clause.number: verdict for verdict in verdicts}
    for verdict in verdicts:
        thrown, symptom = verdict.attempt.thrown, verdict.attempt.symptom
        meanwhile = thrown and thrown.file and not (thrown.before or thrown.after)
        ceased = symptom is None or symptom.sign in _CEASED
        if verdict.outcome is Outcome.FAILED and thrown and meanwhile and ceased:
            place = (thrown.name, thrown.file, thrown.line)
            places.setdefault(place, set()).add(verdict.clause.number)
    for (name, file, line), failed in places.items():
        numbers = _with_those_behind(failed, by_number)
        if len(numbers) >= LEAST_CLAUSES:
            sentence = f"It printed {name} at {file}:{line}."
            yield Common(f"{name} at {file}:{line}", sentence, tuple(sorted(numbers, key=order_of)))


def _is_lost(verdict: Verdict) -> bool:
    return verdict.outcome is Outcome.FAILED or verdict.not_shown


def _shows(verdict: Verdict, signs: Signs) -> bool:
    """Whether it failed, with one of these signs."""
    found = list(_seen(verdict.attempt))
    seen = not signs or any(_is(symptom, sign) for symptom in found for sign in signs)
    return verdict.outcome is Outcome.FAILED and seen


def _seen(attempt: Attempt) -> Iterator[Symptom]:
    """The symptom; and that the client's connection had not been accepted, where a look at the
    program has shown that."""
    if attempt.symptom is None:
        return
    yield attempt.symptom
    if (client := attempt.symptom.client) in attempt.queued:
        yield Symptom(Sign.NOT_ACCEPTED, client, {"waiting": len(attempt.queued)})


def _is(symptom: Symptom, wanted: Sign | Symptom) -> bool:
    """Whether it is of that sign; with all the facts, and at the client, that are wanted."""
    if isinstance(wanted, Sign):
        return symptom.sign is wanted
    there = wanted.client in ("", symptom.client)
    return symptom.sign is wanted.sign and there and wanted.facts.items() <= symptom.facts.items()
