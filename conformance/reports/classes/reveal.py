"""What a student may read of a result, as the class allows. Pure.

Every level says why a clause was not judged, since that explains the points. No level shows
what only the teacher can use, such as paths on the teacher's disk.
"""

from __future__ import annotations

import shlex
from dataclasses import replace

from conformance.classes.model import HandIn, Result, Reveal
from conformance.submissions.build import ADVICE, NEEDS_DEPENDENCIES
from conformance.verdict.model import Attempt, Verdict

SERVER = "YOUR_SERVER"
"""Stands in commands for the student's own file or folder."""


def revealed(result: Result, reveal: Reveal) -> Result:
    """The result without what the class does not reveal."""
    if result.run is None:
        return replace(result, trouble=_without_path(result.trouble, result.hand_in))
    verdicts = tuple(_verdict(verdict, result, reveal) for verdict in result.run.verdicts)
    notes = () if reveal is Reveal.POINTS else result.run.notes  # evidence: how it answers
    return replace(result, run=replace(result.run, verdicts=verdicts, notes=notes))


def _verdict(verdict: Verdict, result: Result, reveal: Reveal) -> Verdict:
    # Students cannot change how the class is graded.
    reason = verdict.attempt.reason.replace(ADVICE, NEEDS_DEPENDENCIES)
    reason = _without_path(reason, result.hand_in)
    verdict = replace(
        verdict.with_attempt(capture="", reason=reason),
        earlier=tuple(replace(attempt, capture="") for attempt in verdict.earlier),
        again=_without_path(verdict.again, result.hand_in),
    )
    if reveal is Reveal.HINTS:
        return verdict
    verdict = replace(
        verdict.with_attempt(hint=""),
        reproduce="",
        again="",
        earlier=tuple(replace(attempt, hint="") for attempt in verdict.earlier),
    )
    if reveal is Reveal.EVIDENCE:
        return verdict
    held = verdict.attempt
    return replace(
        verdict,
        attempt=Attempt(held.outcome, reason=held.reason, blame=held.blame, behind=held.behind),
        earlier=tuple(Attempt(attempt.outcome) for attempt in verdict.earlier),
    )


def _without_path(text: str, hand_in: HandIn) -> str:
    """The text with SERVER in place of the path on the teacher's disk."""
    if hand_in.path is None:
        return text
    path = str(hand_in.path)
    return text.replace(shlex.quote(path), SERVER).replace(path, SERVER)


def why_no_run(result: Result) -> str:
    """Why nothing was judged, in words."""
    hand_in = result.hand_in
    nothing = "nothing handed in" if hand_in.is_absent else "not graded yet"
    return result.told or hand_in.problem or nothing
