"""Takes what the program itself printed in a conversation, and the exception in it, into the
attempt."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from conformance.session.attempt import MAX_OUTPUT
from conformance.session.host import POLL, Host
from conformance.session.submission_host import SubmissionHost
from conformance.verdict.model import Attempt, Outcome
from conformance.verdict.symptoms import Sign, Symptom, Thrown
from conformance.verdict.thrown.choice import MAY_EXPLAIN, PRINTS_LATER, Printed, sentence, told
from conformance.verdict.thrown.own_files import OwnPaths
from conformance.verdict.transcript import shorten
from conformance.verdict.violation import Kind
from conformance.wire.recorder import NANOSECONDS, Recorder

POINTER = "Its own last output says why it ended."
"""A hint that says no more than where to look."""

RESTS_WITHIN = 2.0
"""Seconds for which a program may still be busy with what it prints of a connection's end."""


async def until_it_rests(attempt: Attempt, host: Host) -> None:
    """Waits until a program that ended a connection has printed why: the connection is closed
    first, and on a busy machine much may come between. It has when all threads sleep, at two looks
    in a row."""
    if attempt.outcome is not Outcome.FAILED or attempt.kind not in PRINTS_LATER:
        return
    if not isinstance(host, SubmissionHost):
        return
    clock, looks = asyncio.get_running_loop().time, 0
    until = clock() + RESTS_WITHIN
    while looks < 2 and clock() < until:
        looks = looks + 1 if host.rests() else 0
        await asyncio.sleep(POLL)


def with_own_output(
    attempt: Attempt, host: Host, recorder: Recorder, *, gate: bool, end_expected: bool
) -> Attempt:
    """The attempt with what the program printed, and, where it failed, the exception that was
    printed meanwhile. `gate`: of clause 1.1, whose hints say how the program was started;
    `end_expected`: that it has ended may be our doing."""
    if attempt.outcome is Outcome.PASSED:
        return attempt
    status = None if end_expected else host.exit_status()
    failed_at = recorder.now() if recorder.failed_at is None else recorder.failed_at
    came_at = 0.0 if gate else recorder.first_came_at or 0.0  # until then, the program starts
    printed = _printed(host, recorder, came_at, failed_at)
    own = host.own_files() if printed.text else OwnPaths()
    seen = told(printed, own, kind=attempt.kind, status=status, used=attempt.shared)
    attempt = replace(attempt, output=shorten(seen.output, MAX_OUTPUT))
    if attempt.outcome is not Outcome.FAILED or seen.thrown is None:
        return attempt
    attempt, thrown = replace(attempt, thrown=seen.thrown), seen.thrown
    # What is printed when a client has left may be no more than that.
    left_at = recorder.first_left_at
    if thrown.before or thrown.after or left_at is None or left_at >= failed_at:
        all_there = not thrown.after
    else:
        early = Printed(during=_printed(host, recorder, came_at, left_at).during)
        all_there = told(early, own, kind=attempt.kind, status=status).thrown == thrown
    may_explain = status is not None or attempt.kind in MAY_EXPLAIN
    if thrown.after or not (all_there or may_explain):
        return replace(attempt, notes=(*attempt.notes, sentence(thrown)))
    explains = all_there and may_explain and not thrown.before
    if explains and attempt.symptom is None:
        attempt = replace(attempt, symptom=Symptom(Sign.EXCEPTION, attempt.client))
    enough = explains and not gate and attempt.kind is not Kind.OPEN
    # A lab's own hint for a program that ends says at what it ended.
    if attempt.symptom is not None and attempt.symptom.sign is Sign.ENDED:
        enough = False
    return replace(attempt, hint=_hint(attempt.hint, thrown, enough=enough))


def _printed(host: Host, recorder: Recorder, came_at: float, failed_at: float) -> Printed:
    """What the program wrote, divided by these times of the conversation."""
    began, failed = (recorder.began + int(at * NANOSECONDS) for at in (came_at, failed_at))
    return host.printed(began, failed)


def _hint(former: str, thrown: Thrown, *, enough: bool) -> str:
    """The hint, which begins with the exception. `enough`: no other is needed."""
    if enough or former in ("", POINTER):
        return sentence(thrown)
    return f"{sentence(thrown)} {former}"
