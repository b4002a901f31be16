"""The colours of the reports, and the mark of each outcome."""

from __future__ import annotations

from conformance.model import Outcome
from conformance.transcript import REMARK

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


def voice(who: str) -> str:
    """The colour in which someone speaks: our side, the submission, or a remark."""
    if who == REMARK:
        return "dim italic"
    return "magenta" if who.startswith("server") else "cyan"
