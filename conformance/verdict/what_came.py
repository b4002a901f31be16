""" "Actual" in words: what came of it, never a stray line. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from conformance.verdict.exchange import FIRST, Exchange, exchanges, is_whole
from conformance.verdict.model import Attempt
from conformance.verdict.symptoms import Sign, Symptom

A_CROWD = 4
"""Clients of whom a report says how many were served."""

BARE = ("the server closed the connection", "the server reset the connection")
"""What clients say of a close; the rest is told here."""


def in_words(attempt: Attempt, symptom: Symptom) -> Attempt:
    """The attempt, with the facts of the symptom in its `actual`."""
    tell = _TOLD.get(symptom.sign)
    told = tell(attempt, symptom) if tell else None
    return attempt if told is None else replace(attempt, actual=told, lines=False)


def _of_another(attempt: Attempt, symptom: Symptom) -> str | None:
    if "client" not in symptom.facts:
        return None
    return f"{attempt.actual} (the reply to what {symptom.facts['client']} sent)"


def _misnamed(attempt: Attempt, symptom: Symptom) -> str | None:
    return f"{attempt.actual} (the right text, under a wrong name)"


def _doubled(attempt: Attempt, symptom: Symptom) -> str | None:
    if "times" not in symptom.facts or not attempt.lines:
        return None
    return f"{attempt.actual} (it had come before: {symptom.facts['times']} times in all)"


def _lost(attempt: Attempt, symptom: Symptom) -> str | None:
    if "instead" not in symptom.facts:
        return None
    line, instead = symptom.facts["line"], symptom.facts["instead"]
    return f"{attempt.actual} (that is for line {instead}; for line {line} nothing came)"


def _overtaken(attempt: Attempt, symptom: Symptom) -> str | None:
    if "of" in symptom.facts:
        return f"it came before the reply to line {symptom.facts['of']}, which belongs before it"
    if "by" not in symptom.facts:
        return None
    line, by = symptom.facts["line"], symptom.facts["by"]
    return f"{attempt.actual} (that is for line {by}; what is for line {line} came later)"


def _cut(attempt: Attempt, symptom: Symptom) -> str | None:
    after = symptom.facts.get("after")
    if not isinstance(after, int) or not attempt.lines or after < len(attempt.actual) - 20:
        return None
    rest = attempt.expected[after : after + 20]
    mine = _of(attempt, symptom.client)
    more = mine is not None and len(rest) > 4 and any(rest in text for _, text in mine.got)
    told = f"cut: the first {after:,} characters of it, then the end of the line"
    return f"{told}; the rest came as a line of its own" if more else told


def _nothing(attempt: Attempt, symptom: Symptom) -> str | None:
    if "printed" in symptom.facts:
        return f"{attempt.actual}; it printed this on its own console instead of sending it"
    mine = _of(attempt, symptom.client)
    others = [one for one in exchanges(attempt.transcript) if one.over_tcp]
    if (
        mine is None
        or len(others) < A_CROWD
        or "client" in attempt.actual
        or not is_whole(attempt.transcript)
    ):
        return None
    over = min((one.ended_at for one in others if one.ended_at is not None), default=math.inf)
    answered = sum(one.was_answered_before(over) for one in others)
    return f"{attempt.actual}; {answered} of {len(others)} clients had been answered"


def _at_end(attempt: Attempt, symptom: Symptom) -> str | None:
    if attempt.actual.startswith("nothing within"):
        waited = attempt.actual.partition(";")[0]
        return f"{waited}; it came when the client had ended its side"
    return None


def _closed(attempt: Attempt, symptom: Symptom) -> str | None:
    after, lines = symptom.facts.get("after"), symptom.facts.get("lines")
    if attempt.actual not in BARE or not isinstance(after, int | float):
        return None
    who = symptom.client if symptom.client not in ("", FIRST) else "the client"
    spoken = (mine := _of(attempt, symptom.client)) is not None and mine.sent
    before = f"; {lines} line{'s' if lines != 1 else ''} had come" if lines else ""
    took = f"{after:.2f} s" if after >= 0.005 else "less than 0.01 s"
    since = f"the last line of {who}" if spoken else f"{who} came"
    return f"{attempt.actual}, {took} after {since}{before}"


def _of(attempt: Attempt, client: str) -> Exchange | None:
    return next((one for one in exchanges(attempt.transcript) if one.name == client), None)


_TOLD: Mapping[Sign, Callable[[Attempt, Symptom], str | None]] = {
    Sign.OTHERS: _of_another,
    Sign.MISNAMED: _misnamed,
    Sign.DOUBLED: _doubled,
    Sign.LOST: _lost,
    Sign.OVERTAKEN: _overtaken,
    Sign.CUT: _cut,
    Sign.NOTHING: _nothing,
    Sign.AT_END: _at_end,
    Sign.CLOSED: _closed,
}
