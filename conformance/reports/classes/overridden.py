"""What a teacher has corrected by hand, as the reports on a class show it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conformance.classes.model import Override, Result
from conformance.verdict.model import Verdict

BEGINNING = "The teacher gave "
"""How the note begins that `conformance.classes.results.corrections.apply` leaves in a verdict."""


def overridden(result: Result) -> Mapping[str, str]:
    """Of each corrected clause the sentence that says so, by the clause's number.

    Holds what is in force: what no longer fits the run is in `left_out`.
    """
    if result.run is None:
        return {}
    given = {override.clause: override.points for override in _latest(result)}
    return {
        verdict.clause.number: verdict.notes[-1]
        for verdict in result.run.verdicts
        if given.get(verdict.clause.number) == verdict.points and _is_noted(verdict)
    }


def left_out(result: Result) -> Sequence[Override]:
    """The corrections that the run does not carry: of a clause that it does not have, or of
    more points than there are."""
    if result.run is None:
        return ()
    held = overridden(result)
    return [
        override
        for override in _latest(result)
        if (result.total is None if override.is_total else override.clause not in held)
    ]


def _latest(result: Result) -> Sequence[Override]:
    """Of several for one thing, the last counts."""
    ordered = sorted(result.overrides, key=lambda override: override.at)
    return list({override.clause: override for override in ordered}.values())


def _is_noted(verdict: Verdict) -> bool:
    return bool(verdict.notes) and verdict.notes[-1].startswith(BEGINNING)
