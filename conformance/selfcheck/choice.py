"""Which subjects to check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from conformance.contract.catalog import Catalog
from conformance.selfcheck.impostors import CheckedImpostor
from conformance.selfcheck.pairs import mutants_of, sample
from conformance.selfcheck.references.headers import IMPOSTORS
from conformance.selfcheck.references.library import Impostor, Library, Mutant, Pair
from conformance.selfcheck.subjects import CheckedMutant, CheckedReference, Subject
from conformance.verdict.model import WrongCall

AnySource = TypeVar("AnySource", Mutant, Impostor)


@dataclass(frozen=True)
class Part:
    """One of N parts of the mutants and impostors, so that a long check can be divided."""

    number: int = 1
    of: int = 1

    @classmethod
    def read(cls, text: str) -> Part:
        """Reads `1/4`. Raises WrongCall."""
        number, _, of = text.partition("/")
        if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
            raise WrongCall(f"--part wants K/N, such as 1/4, not {text!r}")
        return cls(int(number), int(of))

    def take(self, sources: Sequence[AnySource]) -> list[AnySource]:
        """Every N-th of each lab and language, at least one of each."""
        groups: dict[tuple[str, str], list[int]] = {}
        for place, source in enumerate(sources):
            played = source.reference if isinstance(source, Mutant) else source
            groups.setdefault((played.group, played.language), []).append(place)
        taken: list[int] = []
        for places in groups.values():
            start = (self.number - 1) % min(self.of, len(places))
            taken += places[start :: self.of]
        return [sources[place] for place in sorted(taken)]


@dataclass(frozen=True)
class Choice:
    mutants: tuple[str, ...] = ()
    """Names of mutants: only these are checked, and no reference. Empty: see `part`."""
    no_mutants: bool = False
    part: str = ""
    """`K/N`: this part of the mutants and of the impostors; empty: all."""
    pairs: int | None = None
    impostors: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether all mutants are checked, so that it is known which clauses none of them fails."""
        return not (self.mutants or self.no_mutants or self.part)

    def of(self, library: Library, catalog: Catalog, seed: int) -> tuple[list[Subject], list[Pair]]:
        """The subjects in the library's order, which include the mutants of all pairs, and the
        pairs.

        Raises WrongCall for an unknown mutant, and for options that exclude each other.
        """
        if sum(map(bool, (self.mutants, self.no_mutants, self.part))) > 1:
            raise WrongCall("--mutant, --no-mutants and --part exclude each other")
        if self.impostors and not library.impostors:
            raise WrongCall(f"there are no impostors: no lab chosen has a folder {IMPOSTORS}")
        part = Part.read(self.part) if self.part else Part()
        taken = self._taken(library, part)
        # Pairs are drawn from the mutants named; else from all, whatever the part is.
        source = replace(library, mutants=taken) if self.mutants else library
        drawn = sample(source, self.pairs, seed) if self.pairs else []
        wanted = [*taken, *mutants_of(drawn)]
        subjects: list[Subject] = []
        if not self.mutants:
            subjects += map(CheckedReference, library.references)
        for mutant in library.mutants:
            if mutant in wanted:
                subjects.append(CheckedMutant(mutant, catalog[mutant.reference.variant].gate))
        if self.impostors:
            subjects += map(CheckedImpostor, part.take(library.impostors))
        return subjects, drawn

    def _taken(self, library: Library, part: Part) -> list[Mutant]:
        if self.no_mutants:
            return []
        if not self.mutants:
            return part.take(library.mutants)
        known = {mutant.name for mutant in library.mutants}
        for name in self.mutants:
            if name not in known:
                raise WrongCall(
                    f"there is no mutant {name!r}; there are {', '.join(sorted(known))}"
                )
        return [mutant for mutant in library.mutants if mutant.name in self.mutants]
