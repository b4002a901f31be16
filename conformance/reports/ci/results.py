"""The results of a run in the words of test reports: the same in each format, and as in JUnit XML.

FAILED    a clause does not hold, or was not shown and nothing else fails
OPEN      it could not be judged, or the run was interrupted: nobody may take it for a pass
ADVICE    a SHOULD that costs no points does not hold
SKIPPED   not shown because of another fault, or left out by the call
PASSED
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from conformance.reports.run.junit import cases
from conformance.reports.run.listing import in_words
from conformance.reports.run.place import Place, place_of
from conformance.reports.text.visible import visible
from conformance.verdict.model import Outcome, Run, Verdict
from conformance.verdict.points import is_advice
from conformance.words import _


class ResultKind(StrEnum):
    """How a test report calls what became of a clause."""

    PASSED = "passed"
    FAILED = "failed"
    OPEN = "open"
    ADVICE = "advice"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class ClauseResult:
    """What became of one clause. All texts are visible characters on lines of their own."""

    name: str
    """`4.1 hangs up after bye`."""
    kind: ResultKind
    verdict: Verdict | None
    """None of the result that is added to an interrupted run."""
    message: str = ""
    """One line that says what is wrong; "" of what passed."""
    text: str = ""
    """The whole account, as in JUnit XML."""

    @property
    def place(self) -> Place | None:
        """Where in the submission it can be looked for."""
        return place_of(self.verdict.attempt) if self.verdict else None

    @property
    def short_message(self) -> str:
        """The message without the scenario, which the name has."""
        if self.verdict is None:
            return self.message
        words = visible(in_words(self.verdict.clause.scenario))
        return self.message.replace(f"{words}{_(': ')}", "", 1)


def results_of(run: Run) -> Sequence[ClauseResult]:
    """A result for each clause, and one more if the run was interrupted."""
    verdicts = (*run.verdicts, None) if run.interrupted else run.verdicts
    found = []
    for case, verdict in zip(cases(run, run.lab), verdicts, strict=True):
        name = case.name
        if verdict is not None:
            name = visible(f"{verdict.clause.number} {in_words(verdict.clause.scenario)}")
        kind, information = ResultKind.PASSED, {"message": "", "output": ""}
        for each, known in (
            (ResultKind.SKIPPED, case.skipped),
            (ResultKind.OPEN, case.errors),
            (ResultKind.FAILED, case.failures),
        ):
            if known:
                kind, information = each, known[0]
        if kind is ResultKind.SKIPPED and verdict is not None and _is_advice(verdict, run):
            kind = ResultKind.ADVICE
        message, text = information["message"] or "", information["output"] or ""
        found.append(ClauseResult(name, kind, verdict, message, text))
    return found


def _is_advice(verdict: Verdict, run: Run) -> bool:
    return verdict.outcome is Outcome.FAILED and is_advice(verdict, strict=run.strict)


def began(run: Run) -> int:
    """When the run began, in milliseconds since 1970; 0 if that is not known."""
    try:
        return round(datetime.fromisoformat(run.started).timestamp() * 1000)
    except ValueError:
        return 0
