"""Two faults at once. A second fault must not pay: a pair earns no more than either of its mutants
alone, and passes no clause that one of them declares to fail."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace

from conformance.selfcheck.references.library import Library, Mutant, Pair
from conformance.selfcheck.subjects import Account, Subject, without_strict
from conformance.verdict import points
from conformance.verdict.model import Level, Outcome, Run, WrongCall
from conformance.verdict.points import Status


def sample(library: Library, count: int, seed: int) -> list[Pair]:
    """So many pairs, drawn by the seed, and all that are listed as cancelling each other out, so
    that a wrong entry is noticed. Raises WrongCall if there are no pairs.

    Pairs are drawn from each lab in turn, so that labs with few mutants have their share.
    """
    pairs = list(library.pairs())
    if not pairs:
        raise WrongCall("there are no two mutants of one file that touch different lines of it")
    drawn = [pair for pair in pairs if pair.cancels]
    groups: dict[str, list[Pair]] = {}
    for pair in pairs:
        if not pair.cancels:
            groups.setdefault(pair.reference.group, []).append(pair)
    for group, found in groups.items():
        random.Random(f"{seed}/pairs/{group}").shuffle(found)
    most = max(map(len, groups.values()), default=0)
    rounds = [found[n] for n in range(most) for found in groups.values() if n < len(found)]
    drawn += rounds[:count]
    return [pair for pair in pairs if pair in drawn]


def mutants_of(pairs: Iterable[Pair]) -> list[Mutant]:
    """The mutants of the pairs, each once: a pair is compared with what they earn alone."""
    found: dict[tuple[str, str], Mutant] = {}
    for mutant in (mutant for pair in pairs for mutant in (pair.one, pair.other)):
        found.setdefault((mutant.reference.group, mutant.name), mutant)
    return list(found.values())


@dataclass(frozen=True)
class CheckedPair(Subject):
    """A pair, with the runs of its mutants alone."""

    source: Pair
    alone: Mapping[str, Run] = field(default_factory=dict)
    """The name of each mutant -> its run alone. Filled in by `compared`."""

    @property
    def kind(self) -> str:
        return f"two edits of {self.source.reference.name}"

    def complaints(self, run: Run) -> list[str]:
        found = [*self._gains(run), *self._passed(run)]
        if not self.source.cancels:
            return found
        listed = "It is listed among those that cancel each other out, and they do not."
        return [] if found else [listed]

    def statuses(self, run: Run) -> tuple[Set[Status], Set[Status]]:
        """The status without `--strict` may be either if two SHOULD faults break a MUST."""
        either = {Status.PASSED, Status.FAILED}
        if self.source.cancels:
            return either, either
        declared = {*self.source.one.fails, *self.source.other.fails}
        binding = (v for v in run.verdicts if v.level is Level.MUST)
        binds = any(verdict.clause.number in declared for verdict in binding)
        return {Status.FAILED}, ({Status.FAILED} if binds else either)

    def _gains(self, run: Run) -> list[str]:
        """A sentence for each of its mutants that earns less alone."""
        told = []
        for name, alone in self.alone.items():
            musts = (" of the MUST", without_strict(run), without_strict(alone))
            for which, both, one in (("", run, alone), musts):
                earned, before = (points.tally(each.verdicts).points for each in (both, one))
                if earned > before:
                    was = {verdict.clause.number: verdict.points or 0 for verdict in one.verdicts}
                    now = {verdict.clause.number: verdict.points or 0 for verdict in both.verdicts}
                    gained = [number for number in now if now[number] > was.get(number, 0)]
                    told.append(
                        f"It earns {earned} points{which}, and {name} alone {before}:"
                        f" {', '.join(gained)} are paid for."
                    )
        return told

    def _passed(self, run: Run) -> list[str]:
        """A sentence for each clause that it passes, and that a mutant declares to fail."""
        return [
            f"It passes {verdict.clause.number}, which {mutant.name} fails alone."
            for mutant in (self.source.one, self.source.other)
            for verdict in run.verdicts
            if verdict.clause.number in mutant.fails and verdict.outcome is Outcome.PASSED
        ]


def compared(account: Account, beside: Iterable[Account]) -> Account | None:
    """The account. A pair's is completed by the runs of its mutants, taken from `beside`; None if
    one of them could not be checked, which is reported there."""
    if not isinstance(account.subject, CheckedPair):
        return account
    pair = account.subject.source
    names = {pair.one.name, pair.other.name}
    alone = {
        each.subject.name: each.run
        for each in beside
        if each.run is not None
        and each.subject.name in names
        and each.subject.played.group == pair.reference.group
    }
    if len(alone) < len(names):
        return None
    return replace(account, subject=CheckedPair(pair, alone))
