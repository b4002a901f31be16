"""Turns the events of a run into the outcome of a pytest item."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from conformance.pytest_plugin.link import JudgeGone
from conformance.reports.run.console import how_started
from conformance.reports.run.junit import details, message_and_text
from conformance.reports.text import palette
from conformance.reports.text.visible import visible
from conformance.verdict.events import Event, replay, verdict_from_json
from conformance.verdict.model import Outcome, Run, Verdict
from conformance.verdict.points import counts, is_advice, told_left_out, told_not_shown


@dataclass(frozen=True)
class Answer:
    """One verdict, rendered, or the reason why there is none."""

    outcome: str
    """That of the verdict; `advice` if a failure costs nothing; `trouble` if there is none."""
    message: str = ""
    text: str = ""
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()

    @property
    def is_open(self) -> bool:
        return self.outcome in ("trouble", Outcome.INCONCLUSIVE.value)


def answer(events: Iterable[Event], clause: str, name: str, costly: Collection[str]) -> Answer:
    """The answer for a clause, as soon as its verdict is among the events.

    `name` is the submission's. `costly` are the clauses whose items fail if they do.
    """
    run = None
    try:
        for event in events:
            if event["event"] == "run":
                run = replay([event])
            elif event["event"] == "verdict" and event["clause"] == clause and run is not None:
                return _of(verdict_from_json(event), run, name, costly)
            elif event["event"] == "trouble":
                return _trouble(event["text"])
            elif event["event"] == "end":
                break
    except JudgeGone as gone:
        return _trouble(str(gone))
    return _trouble("the judge has ended before it could judge this")


def _trouble(why: str) -> Answer:
    told = f"the suite itself failed: {why}"
    return Answer("trouble", told, told)


def _of(verdict: Verdict, run: Run, name: str, costly: Collection[str]) -> Answer:
    outcome, beginning = verdict.outcome.value, ""
    if verdict.outcome is Outcome.FAILED and is_advice(verdict, strict=run.strict):
        outcome, beginning = "advice", "advice, costs no points: "
    elif verdict.outcome in (Outcome.INCONCLUSIVE, Outcome.NOT_RUN):
        beginning = f"{palette.word(verdict)}: "
    message, text = message_and_text(verdict, beginning)
    if verdict.outcome is Outcome.PASSED:
        message = text = ""
    # A clause that was not shown fails if no failing item pays for it: else the run would be green.
    unpaid = verdict.not_shown and not set(costly) & {*verdict.attempt.behind}
    if unpaid and counts(verdict, strict=run.strict):
        outcome = Outcome.FAILED.value
    return Answer(
        outcome,
        message,
        text,
        verdict.seconds,
        tuple(map(visible, verdict.notes)),
        (*details(verdict, run).items(), ("submission", name)),
    )


def remarks(events: Iterable[Event], clauses: Collection[str]) -> list[str]:
    """Remarks about the run: its notes, how it was started, and which of `clauses` were not shown
    or left out. Empty if there is no run."""
    told = [event for event in events if event["event"] != "trouble"]
    if not told:
        return []
    run = replay(told)
    judged = tuple(verdict for verdict in run.verdicts if verdict.clause.number in clauses)
    missing = (told_not_shown(judged), told_left_out(replace(run, verdicts=judged)))
    return [visible(line) for line in (*run.notes, how_started(run), *missing) if line]
