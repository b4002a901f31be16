"""Results without their conversations: what reports on a whole class need of each.

Of a class of thousands all conversations together do not fit into memory. What hand-ins have in
common (the words of clauses, what simply passed) is kept once.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import TypeVar

from conformance.classes.model import Result
from conformance.verdict.model import Attempt, Outcome, Run, Verdict
from conformance.verdict.transcript import Transcript

T = TypeVar("T", bound=Hashable)


class Outlines:
    """Makes outlines of the results of one class, which share what is equal in them."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Hashable] = {}

    def of(self, result: Result) -> Result:
        """The result without conversations, outputs and commands. Of a conversation it has the
        first entry, which says that there was one, and by which clock."""
        return result if result.run is None else replace(result, run=self._run(result.run))

    def _run(self, run: Run) -> Run:
        search = run.search
        if search is not None and search.verdict is not None:
            search = replace(search, verdict=self._verdict(search.verdict))
        return replace(run, verdicts=tuple(map(self._verdict, run.verdicts)), search=search)

    def _verdict(self, verdict: Verdict) -> Verdict:
        clause, held = self._shared(verdict.clause), verdict.attempt
        if verdict.outcome is Outcome.PASSED:
            attempt = Attempt(Outcome.PASSED, notes=held.notes)
        else:
            attempt = replace(
                held, transcript=_beginning(held.transcript), output="", capture="", proof=(),
                stood=(), queued=(),
            )  # fmt: skip
        outline = Verdict(
            clause, verdict.level, attempt, verdict.possible, verdict.points,
            corrected=verdict.corrected,
        )  # fmt: skip
        return self._shared(outline) if verdict.outcome is Outcome.PASSED else outline

    def _shared(self, value: T) -> T:
        known = self._known.setdefault(value, value)
        assert isinstance(known, type(value)), "what is equal is of one kind"
        return known


def _beginning(transcript: Transcript) -> Transcript:
    return replace(transcript, entries=transcript.entries[:1], series=())
