"""The colours of the reports, and the mark and the word of each outcome."""

from __future__ import annotations

from conformance.verdict.model import Outcome, Verdict
from conformance.verdict.points import is_advice
from conformance.verdict.transcript import REMARK, overheard
from conformance.words import _, said

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
CORRECTED_MARK = "✎"
"""Of a clause whose points a teacher has given, however it was judged."""

COLOURS = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "bold red",
    Outcome.INCONCLUSIVE: "magenta",
    Outcome.NOT_RUN: "dim",
}


def mark(verdict: Verdict, *, strict: bool) -> tuple[str, str]:
    """The mark of a verdict, and its colour. A failure that costs no points has those of advice.
    Where a teacher has given the points, these decide about the colour."""
    if verdict.corrected:
        earned = Outcome.PASSED if verdict.settled else Outcome.FAILED
        return CORRECTED_MARK, COLOURS[earned]
    if verdict.outcome is Outcome.FAILED and is_advice(verdict, strict=strict):
        return ADVICE_MARK, ADVICE
    return MARKS[verdict.outcome], COLOURS[verdict.outcome]


def word(verdict: Verdict) -> str:
    """The outcome in a reader's words. NOT RUN is divided into "not shown" (because of the
    program's other faults), "left out" (by the call), "hidden" (by the class) and "not run"."""
    if verdict.not_shown:
        return "not shown"
    if verdict.left_out:
        return "left out"
    if verdict.is_hidden:
        return "hidden"
    return verdict.outcome.value.replace("_", " ")


def why(verdict: Verdict) -> str:
    """Why it was not judged, to be printed after its `word`. Where the stored reason begins with
    that word, it is removed."""
    return verdict.attempt.reason.removeprefix(f"{word(verdict)}: ") or _("no reason was given")


def behind(verdict: Verdict) -> str:
    """`behind 3.1 and 4.1`: the failed clauses that kept this one from being shown; "" if none."""
    pays = _(" and ").join(verdict.attempt.behind)
    return said(f"behind {pays}") if verdict.not_shown and pays else ""


def voice(who: str) -> str:
    """The colour of a line of a conversation: of our side, of the submission, or of a remark."""
    if who == REMARK:
        return "dim italic"
    return "magenta" if who.startswith("server") or overheard(who) else "cyan"
