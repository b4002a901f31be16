"""The colours of the reports, and the mark and the word of each outcome."""

from __future__ import annotations

from conformance.verdict.model import Outcome, Verdict
from conformance.verdict.points import is_advice
from conformance.verdict.transcript import REMARK

REQUIREMENT = "bold"
LABEL = "dim"
QUIET = "dim"
CODE = "cyan"
COMMAND = "cyan"
ADVICE = "yellow"

MARKS = {
    Outcome.PASSED: "✓",
    Outcome.FAILED: "✗",
    Outcome.INCONCLUSIVE: "?",
    Outcome.NOT_RUN: "–",
}
ADVICE_MARK = "!"

COLOURS = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "bold red",
    Outcome.INCONCLUSIVE: "magenta",
    Outcome.NOT_RUN: "dim",
}


def mark(verdict: Verdict, *, strict: bool) -> tuple[str, str]:
    """The mark of a verdict, and its colour. A failure that costs no points has those of advice."""
    if verdict.outcome is Outcome.FAILED and is_advice(verdict, strict=strict):
        return ADVICE_MARK, ADVICE
    return MARKS[verdict.outcome], COLOURS[verdict.outcome]


def word(verdict: Verdict) -> str:
    """The outcome in a reader's words. NOT RUN is divided into "not shown" (because of the
    program's other faults), "left out" (by the call) and "not run"."""
    if verdict.not_shown:
        return "not shown"
    if verdict.left_out:
        return "left out"
    return verdict.outcome.value.replace("_", " ")


def why(verdict: Verdict) -> str:
    """Why it was not judged, to be printed after its `word`. Where the stored reason begins with
    that word, it is removed."""
    return verdict.attempt.reason.removeprefix(f"{word(verdict)}: ") or "no reason was given"


def behind(verdict: Verdict) -> str:
    """`behind 3.1 and 4.1`: the failed clauses that kept this one from being shown; "" if none."""
    pays = " and ".join(verdict.attempt.behind)
    return f"behind {pays}" if verdict.not_shown and pays else ""


def voice(who: str) -> str:
    """The colour of a line of a conversation: of our side, of the submission, or of a remark."""
    if who == REMARK:
        return "dim italic"
    return "magenta" if who.startswith("server") else "cyan"
