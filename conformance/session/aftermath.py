"""What becomes of a program in a conversation, and right after it.

One that ends by itself is proof at once, whoever had used it before: no machine makes a
correct server crash.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conformance.session.server import Server
from conformance.verdict.model import Attempt, Fault, Kind, Outcome
from conformance.verdict.transcript import shorten

MOST_OUTPUT = 20_000
"""Characters that are kept of a program's own last words: a stack trace or two."""

KILLED = "signal 9"
"""What is said of a program that was killed from outside: by the kernel, for want of memory,
or by somebody on this machine."""

IN_ORDER = "exit status 0"

FROM_AN_END = (Kind.ENDED, Kind.CLOSED, Kind.REFUSED, Kind.SILENCE)
"""What is seen of a program that has ended. A wrong reply is none of it: then the program
ended only when its client had left."""


async def outlived(attempt: Attempt, server: Server, before: Sequence[str]) -> Attempt:
    """The attempt; where the program has ended by itself in it, or crashed right after, with
    what its server had held `before` (numbers of clauses). Whether a program may end in good
    order when its client has gone, is for the lab to say."""
    if server.remote or server.end_expected or server.host.listener() is not None:
        return attempt
    ended = await server.fate()
    if not ended or KILLED in ended:
        return attempt
    told = f"Held on this server before: {', '.join(before)}." if before else ""
    notes = (*attempt.notes, told) if told else attempt.notes
    if attempt.outcome is Outcome.FAILED and attempt.kind in FROM_AN_END:
        return replace(attempt, kind=Kind.ENDED, notes=notes)
    if attempt.outcome is not Outcome.PASSED or IN_ORDER in ended:
        return attempt
    return replace(
        attempt,
        outcome=Outcome.FAILED,
        expected="the program goes on running when the conversation is over",
        actual=ended,
        hint="Look at its own last output: what ended it?",
        fault=Fault.WRONG,
        kind=Kind.ENDED,
        notes=notes,
        aftermath=True,
        output=shorten(server.host.last_output(), MOST_OUTPUT),
    )
