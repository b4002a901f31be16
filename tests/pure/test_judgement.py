"""From attempts to a ruling: the whole table of what stands, what is held again, and what
is nobody's fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.judgement import Repeat, Ruling, cannot_be_judged, excuse, rule
from conformance.model import Attempt, Clause, Fault, Level, Outcome

PASSED = Attempt(Outcome.PASSED)
WRONG = Attempt(Outcome.FAILED, expected="a", actual="b", fault=Fault.WRONG)
LATE = Attempt(Outcome.FAILED, expected="a in time", actual="late", fault=Fault.LATE)
ABSENT = Attempt(Outcome.FAILED, expected="a", actual="nothing", fault=Fault.ABSENT)
OURS = Attempt(Outcome.INCONCLUSIVE, reason="the suite itself stumbled")
NOT_RUN = Attempt(Outcome.NOT_RUN, reason="with --connect …")

AGAIN, ALONE = Repeat(calm=False), Repeat(calm=True)


def shared(attempt: Attempt) -> Attempt:
    return replace(attempt, shared=True)


@pytest.mark.parametrize(
    ("attempts", "calm", "expected"),
    [
        # Wrong bytes stand at once, on a server that nobody had used before.
        ([WRONG], False, Outcome.FAILED),
        ([WRONG], True, Outcome.FAILED),
        # … and however rarely they show.
        ([WRONG, PASSED], True, Outcome.FAILED),
        ([ABSENT, WRONG], True, Outcome.FAILED),
        ([OURS, WRONG], True, Outcome.FAILED),
        # Lateness and absence have to show again, alone.
        ([LATE], False, ALONE),
        ([ABSENT], False, ALONE),
        ([LATE, LATE], True, Outcome.FAILED),
        ([ABSENT, ABSENT], True, Outcome.FAILED),
        ([LATE, ABSENT], True, Outcome.FAILED),
        # Shown alone the first time, it has been shown where it counts.
        ([ABSENT], True, Outcome.FAILED),
        # Not shown again: nobody knows.
        ([LATE, PASSED], True, Outcome.INCONCLUSIVE),
        ([ABSENT, PASSED], True, Outcome.INCONCLUSIVE),
        # Whatever fails on a server that others had used is judged on one of its own.
        ([shared(WRONG)], False, AGAIN),
        ([shared(ABSENT)], False, AGAIN),
        ([shared(OURS)], False, AGAIN),
        ([shared(WRONG), PASSED], False, Outcome.PASSED),
        ([shared(ABSENT), PASSED], False, Outcome.PASSED),
        ([shared(WRONG), WRONG], False, Outcome.FAILED),
        ([shared(WRONG), ABSENT], False, ALONE),
        ([shared(ABSENT), ABSENT, PASSED], True, Outcome.INCONCLUSIVE),
        ([shared(ABSENT), ABSENT, ABSENT], True, Outcome.FAILED),
        # What passes passes, on whatever server.
        ([PASSED], False, Outcome.PASSED),
        ([shared(PASSED)], False, Outcome.PASSED),
        # Our own fault is tried once more, and is never the submission's.
        ([OURS], False, ALONE),
        ([OURS, PASSED], True, Outcome.PASSED),
        ([OURS, OURS], True, Outcome.INCONCLUSIVE),
        ([ABSENT, OURS], True, Outcome.INCONCLUSIVE),
        ([OURS, ABSENT], True, Outcome.FAILED),
        # What cannot be put to the test is not.
        ([NOT_RUN], False, Outcome.NOT_RUN),
        ([shared(NOT_RUN)], False, Outcome.NOT_RUN),
    ],
)
def test_the_table(attempts: Sequence[Attempt], calm: bool, expected: Outcome | Repeat) -> None:
    ruling = rule(attempts, calm=calm)
    assert (ruling if isinstance(ruling, Repeat) else ruling.attempt.outcome) == expected


def test_what_showed_once_only_keeps_both_conversations() -> None:
    first, second = replace(ABSENT, seconds=1.0), replace(PASSED, seconds=2.0)
    ruling = rule([first, second], calm=True)
    assert isinstance(ruling, Ruling)
    assert ruling.earlier == (first, second)
    assert "tried again, alone" in ruling.attempt.reason
    assert (ruling.attempt.expected, ruling.attempt.actual) == ("a", "nothing")
    assert ruling.attempt.fault is None


def test_what_showed_twice_keeps_the_first_time() -> None:
    first, second = replace(LATE, seconds=1.0), replace(LATE, seconds=2.0)
    ruling = rule([first, second], calm=True)
    assert ruling == Ruling(second, (first,))


def test_the_failure_on_a_used_server_is_no_evidence() -> None:
    own = replace(WRONG, actual="c")
    assert rule([shared(WRONG), own], calm=False) == Ruling(own)


def test_wrong_bytes_decide_also_when_seen_before_something_else() -> None:
    assert rule([WRONG, PASSED], calm=True) == Ruling(WRONG, (PASSED,))


@dataclass
class Held:
    """A scenario held as the engine would, until a ruling."""

    attempts: list[Attempt]
    ruling: Ruling


KINDS = [PASSED, WRONG, LATE, ABSENT, OURS, NOT_RUN]


def hold(shows: Sequence[Attempt], *, begins_shared: bool) -> Held:
    attempts: list[Attempt] = []
    calm = False
    for number, shown in enumerate(shows):
        attempts.append(replace(shown, shared=begins_shared and number == 0, seconds=float(number)))
        ruling = rule(attempts, calm=calm)
        if isinstance(ruling, Ruling):
            return Held(attempts, ruling)
        calm = ruling.calm
    raise AssertionError(f"no ruling after {len(shows)} attempts")


@given(st.tuples(*[st.sampled_from(KINDS)] * 3), st.booleans())
def test_three_attempts_always_decide(shows: tuple[Attempt, ...], begins_shared: bool) -> None:
    held = hold(shows, begins_shared=begins_shared)
    own = [attempt for attempt in held.attempts if not attempt.shared]
    outcome = held.ruling.attempt.outcome
    if outcome is Outcome.FAILED:
        failures = [attempt for attempt in own if attempt.outcome is Outcome.FAILED]
        wrong = any(attempt.fault is Fault.WRONG for attempt in failures)
        # Costs points: wrong bytes, or something that showed when it was held alone.
        assert wrong or own[-1].outcome is Outcome.FAILED
    if outcome is Outcome.PASSED:
        assert all(attempt.outcome is not Outcome.FAILED for attempt in own)
    assert held.ruling.gated is False


CLAUSE = Clause("3.1", Level.MUST, 3, "upper_case", "…")
OTHER = Clause("3.3", Level.MUST, 2, "in_order", "…")


@pytest.mark.parametrize("attempt", [WRONG, ABSENT, OURS])
def test_one_fault_costs_one_clause(attempt: Attempt) -> None:
    excused = excuse(Ruling(attempt), [CLAUSE]).attempt
    assert excused.outcome is Outcome.NOT_RUN
    assert "3.1 (upper_case)" in excused.reason
    assert "one fault costs once" in excused.reason


@pytest.mark.parametrize("attempt", [PASSED, NOT_RUN])
def test_what_needs_no_excuse_gets_none(attempt: Attempt) -> None:
    assert excuse(Ruling(attempt), [CLAUSE]) == Ruling(attempt)


def test_no_excuse_where_nothing_else_failed() -> None:
    assert excuse(Ruling(WRONG), []) == Ruling(WRONG)


def test_each_ground_is_named_once() -> None:
    assert cannot_be_judged([CLAUSE, OTHER, CLAUSE]).count("3.1") == 1
    assert "3.1 (upper_case) and 3.3 (in_order)" in cannot_be_judged([CLAUSE, OTHER])
