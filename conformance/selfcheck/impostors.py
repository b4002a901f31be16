"""Programs that implement nothing of a lab, and must earn next to nothing."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from conformance.selfcheck.references.library import Impostor
from conformance.selfcheck.subjects import Subject, without_strict
from conformance.verdict import points
from conformance.verdict.model import Run
from conformance.verdict.points import Status

MAX_SHARE = 0.15
"""The share of the points that an impostor may earn, for example by only opening the port."""


@dataclass(frozen=True)
class CheckedImpostor(Subject):
    """An impostor: it earns at most a small share of the points, with `--strict` and without."""

    source: Impostor
    kind = "impostor"

    def complaints(self, run: Run) -> list[str]:
        told = []
        for call, each in (("with --strict", run), ("without --strict", without_strict(run))):
            tally = points.tally(each.verdicts)
            if tally.points > MAX_SHARE * tally.possible:
                paid = [verdict.clause.number for verdict in each.verdicts if verdict.points]
                told.append(
                    f"It gets {tally.points} of {tally.possible} points {call}"
                    f" ({tally.share:.0%}), for {', '.join(paid)}; at most {MAX_SHARE:.0%}."
                )
        return told

    def statuses(self, run: Run) -> tuple[Set[Status], Set[Status]]:
        return {Status.FAILED}, {Status.FAILED}
