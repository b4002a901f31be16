"""The earlier tries of a student, as Gradescope's submission_metadata.json tells them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from conformance.verdict.model import WrongCall

OURS = "conformance"
"""The key of our own facts in the `extra_data` of results, which later submissions are given."""


@dataclass(frozen=True)
class Tries:
    """When this hand-in came, and what came of the ones before."""

    at: datetime
    earlier: tuple[datetime, ...] = ()
    """Those that were judged, in their order. What was refused, or could not be judged, is no
    try."""
    results: Mapping[str, Any] = field(default_factory=dict)
    """The results of the last of them, as they were written."""
    score: float | None = None
    """Its score, where Gradescope says it."""


def read_tries(path: Path) -> Tries:
    """The tries in a submission_metadata.json. Raises WrongCall."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        at = _time(told["created_at"])
        before = sorted(_judged(told.get("previous_submissions") or [], at), key=lambda t: t[0])
    except OSError as error:
        raise WrongCall(f"{path} cannot be read: {error.strerror or error}") from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise WrongCall(f"{path} is no submission_metadata.json: {error!r}") from None
    if not before:
        return Tries(at)
    _, last = before[-1]
    score = last.get("score")
    if isinstance(score, bool) or not isinstance(score, int | float):
        score = None
    return Tries(at, tuple(when for when, _ in before), last["results"], score)


def _judged(
    submissions: list[dict[str, Any]], before: datetime
) -> Iterator[tuple[datetime, dict[str, Any]]]:
    for each in submissions:
        results = each.get("results")
        ours = (results or {}).get("extra_data") or {}
        if (when := _time(each["submission_time"])) < before and (ours.get(OURS) or {}).get(
            "tried"
        ):
            yield when, each


def _time(text: str) -> datetime:
    when = datetime.fromisoformat(text)
    if when.tzinfo is None:
        raise ValueError(f"the time {text} has no zone")
    return when
