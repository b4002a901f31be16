"""What a report says of a failure, beside that it is one: what was seen, what came of it in words,
and a hint that fits. Pure."""

from __future__ import annotations

from dataclasses import replace

from conformance.verdict.hints import fitting
from conformance.verdict.model import Attempt
from conformance.verdict.signs import seen
from conformance.verdict.violation import Hint
from conformance.verdict.what_came import in_words


def explained(attempt: Attempt, hint: Hint, language: str = "") -> Attempt:
    """The failed attempt with its symptom, the outcome in words, and the hint for that symptom.
    `hint`: whoever raised the violation gave it. `language`: the program's, "" if unknown."""
    symptom = seen(attempt)
    told = in_words(attempt, symptom) if symptom else attempt
    return replace(told, symptom=symptom, hint=fitting(hint, symptom, language))
