"""Turns a conversation into an attempt: what it showed, or why it shows nothing."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from conformance.contract.stumble import stumbled, would_again
from conformance.sandbox import SandboxError
from conformance.session.disturbance import Disturbance
from conformance.verdict.delays import reckoned
from conformance.verdict.explanation import explained
from conformance.verdict.hints import fitting
from conformance.verdict.model import Attempt, Blame, Outcome
from conformance.verdict.transcript import MAX_TEXT, shorten
from conformance.verdict.violation import Fault, HeldApart, Kind, LeftOut, NotJudged, Violation
from conformance.wire.recorder import MAX_TAKEN, NANOSECONDS, Recorder

MAX_EXPECTED = 200_000
"""Characters kept of `expected` and `actual`: twice the longest line that a clause asks for."""

MAX_OUTPUT = 20_000
"""Characters kept of a program's output: a stack trace or two, and what follows."""


async def attempt_of(
    conversation: Awaitable[None],
    recorder: Recorder,
    disturbance: Disturbance,
    lab: Path,
    *,
    output: Callable[[], str] = lambda: "",
    language: str = "",
) -> Attempt:
    """Awaits a conversation, which is recorded by `recorder`. Only a Violation counts against the
    program. `lab`: the folder of the lab's own code. `output` returns what the program has printed;
    `language`: what it is written in, if known."""
    result = Attempt(Outcome.PASSED)
    timed = proven = False
    try:
        await conversation
    except Violation as violation:
        timed = violation.timed
        seen = replace(_seen(violation, recorder), output=output())
        seen = explained(seen, violation.hint, language)
        result = _violated(seen, violation, recorder, disturbance)
        proven = not disturbance.monitor.exceeded and result.fault is Fault.WRONG
    except NotJudged as why:
        result = Attempt(
            Outcome.NOT_RUN,
            reason=str(why),
            blame=Blame.PROGRAM,
            behind=(why.clause,),
            kind=why.kind,
        )
    except LeftOut as why:
        result = Attempt(Outcome.NOT_RUN, reason=str(why), blame=Blame.CALL)
    except (SandboxError, HeldApart) as refused:
        result = Attempt(Outcome.INCONCLUSIVE, reason=str(refused))
    except Exception as error:  # any other exception is ours and costs no points
        result = _stumbled(error, lab)
    if disturbance.error is not None:
        result = _stumbled(disturbance.error, lab)
    # Also for a conversation that passed: the expected close may have been our doing.
    if (exceeded := disturbance.monitor.exceeded) and not proven:
        result = Attempt(Outcome.INCONCLUSIVE, reason=exceeded)
    return replace(result, timed=timed)


def failed(attempt: Attempt, violation: Violation) -> Attempt:
    return replace(
        attempt,
        outcome=Outcome.FAILED,
        expected=violation.expected,
        actual=violation.actual,
        hint=fitting(violation.hint, violation.symptom),
        fault=violation.fault,
        kind=violation.kind,
        lines=violation.lines,
        symptom=violation.symptom,
        client=violation.client,
        proof=violation.proof,
    )


def bounded(attempt: Attempt) -> Attempt:
    """The attempt, with all texts that the program can influence cut to a limit."""
    expected = shorten(attempt.expected, MAX_EXPECTED)
    return replace(
        attempt,
        expected=expected,
        actual=shorten(attempt.actual, MAX_TEXT + 2 * len(expected)),
        hint=shorten(attempt.hint),
        reason=shorten(attempt.reason, 2 * MAX_TEXT),
        notes=tuple(map(shorten, attempt.notes)),
        output=shorten(attempt.output, MAX_OUTPUT),
    )


def _seen(violation: Violation, recorder: Recorder) -> Attempt:
    """The failed attempt, with what was said until then."""
    return failed(Attempt(Outcome.FAILED, transcript=recorder.transcript()), violation)


def _violated(
    attempt: Attempt, violation: Violation, recorder: Recorder, disturbance: Disturbance
) -> Attempt:
    """The attempt; INCONCLUSIVE if a disturbance or a wait may explain it."""
    recorder.give_up(violation.at)
    if recorder.flooded:
        attempt = _in_a_flood(attempt)
    if doubt := disturbance.doubt(attempt, recorder, timed=violation.timed):
        return Attempt(Outcome.INCONCLUSIVE, reason=doubt, kind=attempt.kind)
    delays, steps = (
        [delay.counted_from(recorder.began / NANOSECONDS) for delay in known]
        for known in (violation.delays, violation.steps)
    )
    return reckoned(attempt, delays, disturbance.waiting, steps)


def _in_a_flood(failed: Attempt) -> Attempt:
    """The attempt, where more came than is read. What is missing is then wrong, not late: a slow
    machine does not make a program send so much else."""
    if failed.fault is not Fault.ABSENT:
        return failed
    actual = f"{failed.actual}; and more came than the {MAX_TAKEN // 2**20} MiB that are taken in"
    kind = Kind.FORM if failed.kind is Kind.SILENCE else failed.kind
    return replace(failed, fault=Fault.WRONG, kind=kind, actual=actual)


def _stumbled(error: BaseException, lab: Path) -> Attempt:
    """An attempt that shows nothing because our own code failed: the lab's, or the suite's."""
    reason = stumbled(error, lab)
    if not reason:
        where = "".join(traceback.format_exception(error)[-3:])
        reason = f"the suite itself stumbled: {type(error).__name__}: {error}\n{where}"
        return Attempt(Outcome.INCONCLUSIVE, reason=reason)
    return Attempt(Outcome.INCONCLUSIVE, reason=reason, stumbled=would_again(error))
