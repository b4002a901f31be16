"""What became of a program: in a conversation, and right after it.

A program that ends by itself is proof at once, even on a shared server: no machine makes a correct
server crash. One that ends in good order at the gate may go on in the background.
"""

from __future__ import annotations

import asyncio
import shlex
import signal
from collections.abc import Sequence
from dataclasses import replace

from conformance.sandbox import SandboxError
from conformance.session.attempt import MAX_OUTPUT, failed
from conformance.session.host import POLL, Host
from conformance.session.liveness import START_WITHIN, Liveness
from conformance.session.submission_host import SubmissionHost
from conformance.verdict.hints import usual
from conformance.verdict.model import Attempt, Outcome
from conformance.verdict.remarks import HELD_BEFORE
from conformance.verdict.symptoms import Sign, Symptom
from conformance.verdict.transcript import shorten
from conformance.verdict.violation import Fault, Kind, Violation

KILLED = 128 + signal.SIGKILL
"""The exit status of a program that was killed from outside: out of memory, or by another user."""

FROM_AN_END = (Kind.ENDED, Kind.CLOSED, Kind.REFUSED, Kind.SILENCE)
"""The kinds of failure that a program's end may cause. After a wrong reply, it only ended when its
client left."""

LINGERS = 1.0
"""Seconds for which the first process is watched after the port is open: a program that goes into
the background ends it at once."""


async def outlived(
    attempt: Attempt, server: Liveness, before: Sequence[str], language: str = ""
) -> Attempt:
    """The attempt; FAILED if the program ended by itself in it, or crashed right after. `before`:
    numbers of the clauses tried on this server before. Whether a program may end in good order when
    its client has left is for the lab to say."""
    if server.remote or server.end_expected or server.host.listener() is not None:
        return attempt
    ended = await server.fate()
    status = server.host.exit_status()
    if not ended or status == KILLED:
        return attempt
    held = f"{HELD_BEFORE}: {', '.join(before)}." if before else ""
    notes = (*attempt.notes, held) if held else attempt.notes
    output = shorten(server.host.last_output(), MAX_OUTPUT)
    how = ended.partition(": ")[2]
    symptom = Symptom(Sign.ENDED, facts={"how": how, **({"output": 1} if output else {})})
    hint = usual(symptom, language)
    if attempt.outcome is Outcome.FAILED and attempt.kind in FROM_AN_END:
        actual = attempt.actual if ended in attempt.actual else f"{attempt.actual} ({ended})"
        if attempt.symptom is not None and attempt.symptom.sign is Sign.ENDED:
            hint = attempt.hint or hint
        return replace(
            attempt, actual=actual, kind=Kind.ENDED, symptom=symptom, hint=hint, notes=notes
        )
    if attempt.outcome is not Outcome.PASSED or status == 0:
        return attempt
    return replace(
        attempt,
        outcome=Outcome.FAILED,
        expected="the program goes on running when the conversation is over",
        actual=ended,
        hint=hint,
        symptom=symptom,
        fault=Fault.WRONG,
        kind=Kind.ENDED,
        notes=notes,
        aftermath=True,
        output=output,
    )


async def stayed_in_foreground(attempt: Attempt, server: Liveness) -> Attempt:
    """The attempt at the gate; FAILED if the program has ended in good order because it goes into
    the background, however far the conversation got."""
    host = server.host
    shown = attempt.outcome in (Outcome.PASSED, Outcome.FAILED)
    if not isinstance(host, SubmissionHost) or not shown or server.end_expected:
        return attempt
    if host.exit_status() != 0:
        return attempt
    try:
        violation = await _in_background(host, START_WITHIN * server.scale)
    except SandboxError:  # it cannot be started again: the attempt stands
        return attempt
    if violation is None:
        return attempt
    server.listening_elsewhere = None  # that port will not be served for long
    return failed(attempt, violation)


async def _in_background(host: SubmissionHost, within: float) -> Violation | None:
    """The violation of a program that goes into the background. To find out, it is started again,
    and left alone when its first process ends. None if it does not listen then either, or if its
    first process goes on."""
    clock = asyncio.get_running_loop().time
    until, open_ = clock() + within, False
    async with host.watched():
        while clock() < until:
            await asyncio.sleep(POLL)
            ended, found = host.first_process_ended(), host.listener() or host.only_other_port()
            if ended and found:
                return _background(host)
            if ended and len(host.pids()) <= 1:  # the shell that watches it
                return None
            if found and not open_:
                until, open_ = min(until, clock() + LINGERS), True
    return None


def _background(host: Host) -> Violation:
    return Violation(
        "the program listens, and stays in the foreground",
        "it goes into the background: its first process has ended (exit status 0), and what that"
        " has left behind listens",
        hint={
            Sign.ENDED: "A program is over when its first process ends, and all that it has started"
            " ends with it. Stay in the foreground: no daemon(), no fork() whose parent exits, no"
            f" `&` in a script, no detached child. It was started as `{shlex.join(host.call)}`."
        },
        kind=Kind.ENDED,
        symptom=Symptom(Sign.ENDED, facts={"how": "exit status 0"}),
    )
