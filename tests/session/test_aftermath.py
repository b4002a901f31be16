"""What is made of a program that has ended by itself, in a conversation or right after it."""

from __future__ import annotations

import pytest

from conformance.session.aftermath import outlived
from conformance.session.server import Server
from conformance.verdict.model import Attempt, Outcome, Parameters
from conformance.verdict.violation import Fault, Kind
from kit.peers import together
from kit.stand_in_host import StandInHost

CRASHED, IN_ORDER, KILLED = 1, 0, 137
PASSED = Attempt(Outcome.PASSED)


def after(attempt: Attempt, status: int, *before: str, end_expected: bool = False) -> Attempt:
    """What becomes of the attempt, where the program has ended with that status."""
    host = StandInHost()
    host.status = status
    host.listens = None
    server = Server(host.as_host(), Parameters({}), protocol="tcp")
    server.end_expected = end_expected

    async def work() -> Attempt:
        return await outlived(attempt, server, before)

    result = together(work)
    assert isinstance(result, Attempt)
    return result


def test_a_crash_right_after_a_conversation_that_held_fails_it() -> None:
    attempt = after(PASSED, CRASHED, "3.1", "3.2")
    assert (attempt.outcome, attempt.fault, attempt.kind) == (
        Outcome.FAILED, Fault.WRONG, Kind.ENDED,
    )  # fmt: skip
    assert attempt.actual == "the program has ended: exit status 1"
    assert attempt.aftermath
    assert attempt.notes == ("Held on this server before: 3.1, 3.2.",)


@pytest.mark.parametrize("kind", [Kind.CLOSED, Kind.REFUSED, Kind.SILENCE])
def test_what_is_seen_of_an_end_is_the_end(kind: Kind) -> None:
    failed = Attempt(Outcome.FAILED, actual="it closed", fault=Fault.WRONG, kind=kind)
    attempt = after(failed, IN_ORDER)
    assert attempt.kind is Kind.ENDED
    assert attempt.actual == "it closed (the program has ended: exit status 0)"


@pytest.mark.parametrize(
    ("attempt", "status"),
    [
        (PASSED, IN_ORDER),
        (PASSED, KILLED),
        (Attempt(Outcome.FAILED, fault=Fault.WRONG, kind=Kind.FORM), CRASHED),
        (Attempt(Outcome.INCONCLUSIVE), CRASHED),
    ],
)
def test_nothing_else_is_held_against_it(attempt: Attempt, status: int) -> None:
    assert after(attempt, status) == attempt


def test_an_end_that_was_asked_for_is_none() -> None:
    assert after(PASSED, CRASHED, end_expected=True) == PASSED
