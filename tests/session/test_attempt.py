"""What becomes of what a conversation raises: who is blamed, and when nobody is."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.sandbox import SandboxError
from conformance.session.attempt import MAX_EXPECTED, MAX_OUTPUT, attempt_of, bounded
from conformance.session.disturbance import CLOCK_TOLERANCE, LONG_STANDSTILL, Disturbance
from conformance.session.loop_lag import LoopLag
from conformance.verdict.model import Attempt, Blame, Outcome
from conformance.verdict.transcript import MAX_TEXT
from conformance.verdict.violation import Fault, Kind, LeftOut, NotJudged, Violation
from conformance.wire.recorder import MAX_TAKEN, Recorder
from kit.peers import together
from kit.stand_in_host import StandInHost

WRONG = Violation("abc", "abd", hint="the last letter")
LATE = Violation("a line within 1 s", "it took 2 s", fault=Fault.LATE)
ABSENT = Violation("a line", "nothing", fault=Fault.ABSENT)

LAB = Path("/labs/echo")
"""Where no code of these tests is."""


class Session:
    """The parts of one on which it depends what an attempt amounts to."""

    def __init__(self) -> None:
        self.host = StandInHost()
        self.disturbance = Disturbance(self.host.as_host(), None)
        self.recorder = Recorder()

    def attempt(self, *raised: Exception) -> Attempt:
        async def conversation() -> None:
            for error in raised:
                raise error

        async def work() -> Attempt:
            return await attempt_of(conversation(), self.recorder, self.disturbance, LAB)

        result = together(work)
        assert isinstance(result, Attempt)
        return result


@pytest.fixture
def session() -> Session:
    return Session()


def test_nothing_raised_is_a_pass(session: Session) -> None:
    assert session.attempt() == Attempt(Outcome.PASSED)


def test_a_violation_fails_with_its_words(session: Session) -> None:
    attempt = session.attempt(WRONG)
    assert attempt.outcome is Outcome.FAILED
    assert (attempt.expected, attempt.actual, attempt.hint) == ("abc", "abd", "the last letter")
    assert (attempt.fault, attempt.kind, attempt.timed) == (Fault.WRONG, Kind.FORM, False)
    assert session.attempt(LATE).timed


def test_what_is_not_judged_says_by_whose_doing(session: Session) -> None:
    excused = session.attempt(NotJudged("2.1", Kind.CLOSED, "it hung up"))
    assert (excused.outcome, excused.blame) == (Outcome.NOT_RUN, Blame.PROGRAM)
    assert (excused.behind, excused.kind) == (("2.1",), Kind.CLOSED)
    left_out = session.attempt(LeftOut("with --connect it cannot be seen"))
    assert (left_out.outcome, left_out.blame) == (Outcome.NOT_RUN, Blame.CALL)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (SandboxError("no room"), "no room"),
        (ValueError("ours"), "the suite itself stumbled: ValueError: ours"),
        (TimeoutError(), "the suite itself stumbled: TimeoutError"),
    ],
)
def test_whatever_else_is_raised_costs_nothing(
    session: Session, error: Exception, reason: str
) -> None:
    attempt = session.attempt(error)
    assert attempt.outcome is Outcome.INCONCLUSIVE
    assert attempt.reason.startswith(reason)


@pytest.mark.parametrize("raised", [(), (WRONG,), (ABSENT,)])
def test_an_error_in_a_callback_of_ours_is_ours(
    session: Session, raised: tuple[Exception, ...]
) -> None:
    """What had come may not have been taken in: neither pass nor fail can be believed."""

    async def work() -> None:
        import asyncio

        loop = asyncio.get_running_loop()
        loop.set_exception_handler(session.disturbance.catch)
        nothing: dict[str, object] = {}
        loop.call_soon(nothing.__getitem__, "missing")
        await asyncio.sleep(0)

    together(work)
    attempt = session.attempt(*raised)
    assert attempt.outcome is Outcome.INCONCLUSIVE
    assert attempt.reason.startswith("the suite itself stumbled: KeyError: 'missing'")


def test_a_program_that_was_ended_for_its_use_proves_nothing(session: Session) -> None:
    session.disturbance.monitor.exceeded = "the program took 3.0 GiB of memory"
    for raised in ((), (WRONG,), (ABSENT,)):
        attempt = session.attempt(*raised)
        assert attempt.outcome is Outcome.INCONCLUSIVE
        assert attempt.reason == "the program took 3.0 GiB of memory"


def test_a_program_that_missed_what_this_machine_lacks(session: Session) -> None:
    session.host.lack = "java 25"
    attempt = session.attempt(WRONG)
    assert (attempt.outcome, attempt.kind) == (Outcome.INCONCLUSIVE, Kind.FORM)
    assert attempt.reason == "this machine lacks what the program asks for: java 25"
    assert session.attempt().outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("violation", "still", "outcome"),
    [
        (WRONG, LONG_STANDSTILL, Outcome.FAILED),
        (LATE, 0.3, Outcome.INCONCLUSIVE),
        (ABSENT, 0.3, Outcome.FAILED),
        (ABSENT, LONG_STANDSTILL, Outcome.INCONCLUSIVE),
    ],
)
def test_a_machine_that_stood_still(
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    violation: Violation,
    still: float,
    outcome: Outcome,
) -> None:
    monkeypatch.setattr(LoopLag, "standstill", still)
    assert session.attempt(violation).outcome is outcome


@pytest.mark.parametrize("moved", [CLOCK_TOLERANCE / 2, CLOCK_TOLERANCE * 2])
def test_a_clock_that_was_set(
    session: Session, monkeypatch: pytest.MonkeyPatch, moved: float
) -> None:
    monkeypatch.setattr(Recorder, "clock_was_set", lambda _: moved)
    doubted = moved > CLOCK_TOLERANCE
    outcome = session.attempt(LATE).outcome
    assert outcome is (Outcome.INCONCLUSIVE if doubted else Outcome.FAILED)
    assert (session.disturbance.waited(session.recorder) is None) or not doubted
    assert session.attempt(WRONG).outcome is Outcome.FAILED


def test_what_is_missing_in_a_flood_is_wrong_and_not_late(session: Session) -> None:
    assert session.recorder.has_room(MAX_TAKEN, 1) is False
    attempt = session.attempt(ABSENT)
    assert (attempt.fault, attempt.kind) == (Fault.WRONG, Kind.FORM)
    assert "more came than the 32 MiB" in attempt.actual
    assert session.attempt(WRONG).actual == "abd"


def test_everything_that_a_program_had_a_hand_in_is_bounded() -> None:
    much = "x" * 10**6
    cut = bounded(
        Attempt(Outcome.FAILED, expected=much, actual=much, hint=much, output=much, notes=(much,))
    )
    slack = 200
    assert len(cut.expected) < MAX_EXPECTED + slack
    assert len(cut.actual) < MAX_TEXT + 2 * (MAX_EXPECTED + slack)
    assert len(cut.output) < MAX_OUTPUT + slack
    assert max(len(cut.hint), len(cut.notes[0])) < MAX_TEXT + slack
    assert bounded(Attempt(Outcome.PASSED, notes=("short",))) == Attempt(
        Outcome.PASSED, notes=("short",)
    )
