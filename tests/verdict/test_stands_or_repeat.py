"""From attempts to a ruling: the whole table of what stands, what is held again, and what
is nobody's fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.verdict.model import Attempt, Blame, Clause, Level, Outcome
from conformance.verdict.stands_or_repeat import (
    Repeat,
    Ruling,
    excuse,
    explains,
    not_shown,
    rule,
    stands_at_once,
)
from conformance.verdict.violation import Fault, Kind

PASSED = Attempt(Outcome.PASSED)
WRONG = Attempt(Outcome.FAILED, expected="a", actual="b", fault=Fault.WRONG, kind=Kind.FORM)
LATE = Attempt(
    Outcome.FAILED, expected="a in time", actual="late", fault=Fault.LATE, kind=Kind.LATE
)
ABSENT = Attempt(
    Outcome.FAILED, expected="a", actual="nothing", fault=Fault.ABSENT, kind=Kind.SILENCE
)
ENDED = replace(ABSENT, actual="exit status 1", kind=Kind.ENDED)
"""What was waited for did not come, for the program ended by itself."""
OURS = Attempt(Outcome.INCONCLUSIVE, reason="the suite itself stumbled")
STUMBLED = Attempt(Outcome.INCONCLUSIVE, reason="the lab stumbled at …", stumbled=True)
NOT_RUN = Attempt(Outcome.NOT_RUN, reason="with --connect …")
OWN = replace(LATE, own=True)
"""Late by more than it was kept waiting."""
EXPLAINED = Attempt(Outcome.INCONCLUSIVE, reason="1.62 s, 0.40 s of it waiting for a core")
DISORDERED = Attempt(Outcome.INCONCLUSIVE, reason="nothing came; but …", disordered=True)
"""The network had lost something."""

AGAIN, ALONE = Repeat(exclusive=False), Repeat(exclusive=True)


def shared(attempt: Attempt) -> Attempt:
    return replace(attempt, shared=True)


def calmly(attempt: Attempt) -> Attempt:
    """The attempt, with nothing that kept the program from running."""
    return replace(attempt, waited=0.01)


def disturbed(attempt: Attempt) -> Attempt:
    return replace(attempt, waited=2.0, seconds=5.0)


def barely(attempt: Attempt) -> Attempt:
    """Disturbed, for a small part of the time."""
    return replace(attempt, waited=0.3, seconds=5.0)


def test_what_failed_on_a_server_that_others_had_used_is_told() -> None:
    ruling = rule([shared(WRONG), PASSED], exclusive=False)
    assert isinstance(ruling, Ruling)
    assert ruling.attempt.outcome is Outcome.PASSED
    assert "after other clients had talked to the server: b" in ruling.attempt.notes[0]
    assert ruling.earlier == (shared(WRONG),)


def test_a_conversation_that_the_network_spoilt_is_held_until_one_is_whole() -> None:
    spoilt = [DISORDERED] * 7
    assert rule(spoilt, exclusive=False) == AGAIN
    for last, outcome in ((PASSED, Outcome.PASSED), (WRONG, Outcome.FAILED)):
        ruling = rule([*spoilt, last], exclusive=False)
        assert isinstance(ruling, Ruling)
        assert ruling.attempt.outcome is outcome
    # What is absent has to be so twice, in conversations that were left alone.
    assert rule([*spoilt, ABSENT], exclusive=False) == ALONE
    assert rule([ABSENT, DISORDERED], exclusive=True) == AGAIN
    ruling = rule([ABSENT, DISORDERED, calmly(ABSENT)], exclusive=True)
    assert isinstance(ruling, Ruling)
    assert ruling.attempt.outcome is Outcome.FAILED


def test_a_network_that_always_spoils_it_leaves_it_open() -> None:
    ruling = rule([DISORDERED] * 8, exclusive=False)
    assert isinstance(ruling, Ruling)
    assert ruling.attempt.outcome is Outcome.INCONCLUSIVE
    assert ruling.attempt.reason == "nothing came; but … (nor do 7 others)"
    assert ruling.earlier == ()


@pytest.mark.parametrize(
    ("attempts", "exclusive", "expected"),
    [
        # Wrong bytes stand at once, on a server that nobody had used before.
        ([WRONG], False, Outcome.FAILED),
        ([WRONG], True, Outcome.FAILED),
        # … and however rarely they show.
        ([WRONG, PASSED], True, Outcome.FAILED),
        ([ABSENT, WRONG], True, Outcome.FAILED),
        ([OURS, WRONG], True, Outcome.FAILED),
        # Lateness and absence have to show again, on a fresh server …
        ([LATE], False, AGAIN),
        ([ABSENT], False, AGAIN),
        ([calmly(ABSENT)], False, AGAIN),
        # … and count there where nothing disturbed the program, else alone.
        ([ABSENT, calmly(ABSENT)], False, Outcome.FAILED),
        ([LATE, calmly(LATE)], False, Outcome.FAILED),
        ([LATE, calmly(ABSENT)], False, ALONE),
        ([calmly(ABSENT), disturbed(ABSENT)], False, ALONE),
        ([LATE, LATE], False, ALONE),
        ([ABSENT, disturbed(ABSENT), barely(ABSENT)], True, Outcome.FAILED),
        # … unless the program was kept waiting even there: for what never came, that must
        # have been a good part of the time.
        ([ABSENT, disturbed(ABSENT), disturbed(ABSENT)], True, Outcome.INCONCLUSIVE),
        ([LATE, barely(LATE)], True, Outcome.INCONCLUSIVE),
        ([LATE, disturbed(OWN), OWN], True, Outcome.FAILED),
        ([ABSENT, disturbed(ABSENT), PASSED], True, Outcome.INCONCLUSIVE),
        ([ABSENT, PASSED], False, Outcome.INCONCLUSIVE),
        # What does not show again is no doubt where it is known what kept the program waiting.
        ([disturbed(ABSENT), PASSED], False, Outcome.PASSED),
        ([calmly(ABSENT), PASSED], False, Outcome.INCONCLUSIVE),
        ([calmly(ABSENT), disturbed(ABSENT), PASSED], True, Outcome.INCONCLUSIVE),
        # Absence shows twice before it counts, unless it was seen alone.
        ([OURS, calmly(ABSENT)], False, ALONE),
        ([shared(ABSENT), calmly(ABSENT)], False, Outcome.FAILED),
        ([shared(LATE), calmly(ABSENT)], False, AGAIN),
        ([shared(ABSENT), ABSENT, calmly(ABSENT)], False, Outcome.FAILED),
        # A program that ended by itself is proof at once.
        ([ENDED], False, Outcome.FAILED),
        ([shared(ENDED)], False, AGAIN),
        ([ENDED, PASSED], True, Outcome.FAILED),
        # Lateness of the program's own stands; repeated, to tell how often it shows.
        ([OWN], False, AGAIN),
        ([OWN], True, AGAIN),
        ([OWN, OWN], False, Outcome.FAILED),
        ([OWN, LATE], False, Outcome.FAILED),
        ([LATE, OWN], False, Outcome.FAILED),
        ([OWN, PASSED], False, AGAIN),
        ([OWN, PASSED, PASSED], False, Outcome.FAILED),
        ([OWN, PASSED, OWN], False, Outcome.FAILED),
        ([OWN, EXPLAINED], False, AGAIN),
        ([OWN, EXPLAINED, EXPLAINED], False, Outcome.FAILED),
        ([OWN, OURS, PASSED], True, Outcome.FAILED),
        ([EXPLAINED, OWN], True, AGAIN),
        ([shared(OWN)], False, AGAIN),
        ([shared(OWN), PASSED], False, Outcome.PASSED),
        # What the machine explains is tried again alone, and is never a fault.
        ([EXPLAINED], False, ALONE),
        ([calmly(EXPLAINED)], False, ALONE),
        ([EXPLAINED, EXPLAINED], True, Outcome.INCONCLUSIVE),
        ([EXPLAINED, PASSED], True, Outcome.PASSED),
        ([LATE, EXPLAINED], False, ALONE),
        # Seen alone, they count.
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
        ([shared(WRONG), ABSENT], False, AGAIN),
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
def test_the_table(
    attempts: Sequence[Attempt], exclusive: bool, expected: Outcome | Repeat
) -> None:
    ruling = rule(attempts, exclusive=exclusive)
    assert (ruling if isinstance(ruling, Repeat) else ruling.attempt.outcome) == expected


def test_what_showed_once_only_keeps_both_conversations() -> None:
    first, second = replace(ABSENT, seconds=1.0), replace(PASSED, seconds=2.0)
    ruling = rule([first, second], exclusive=True)
    assert isinstance(ruling, Ruling)
    assert ruling.earlier == (first, second)
    assert "when it was tried again" in ruling.attempt.reason
    assert (ruling.attempt.expected, ruling.attempt.actual) == ("a", "nothing")
    assert ruling.attempt.fault is None


def test_what_showed_twice_keeps_the_first_time() -> None:
    first, second = replace(LATE, seconds=1.0), replace(LATE, seconds=2.0)
    ruling = rule([first, second], exclusive=True)
    assert ruling == Ruling(second, (first,))


def test_the_failure_on_a_used_server_is_no_evidence() -> None:
    own = replace(WRONG, actual="c")
    assert rule([shared(WRONG), own], exclusive=False) == Ruling(own)


def test_wrong_bytes_decide_also_when_seen_before_something_else() -> None:
    assert rule([WRONG, PASSED], exclusive=True) == Ruling(WRONG, (PASSED,))


@dataclass
class Held:
    """A scenario held as the engine would, until a ruling."""

    attempts: list[Attempt]
    ruling: Ruling
    exclusive: bool
    """Whether the last was held alone."""


def test_lateness_of_its_own_says_how_often_it_shows() -> None:
    first = replace(OWN, actual="1.62 s between line 7 and line 8", seconds=1.0)
    ruling = rule([first, PASSED, PASSED], exclusive=False)
    assert isinstance(ruling, Ruling)
    assert ruling.attempt.actual == "1.62 s between line 7 and line 8 (in 1 of 3 runs)"
    assert ruling.earlier == (PASSED, PASSED)
    second = replace(first, seconds=2.0)
    assert rule([first, second], exclusive=False) == Ruling(second, (first,))


def test_an_absence_of_its_own_stands_when_it_shows_again() -> None:
    absent = disturbed(replace(ABSENT, own=True, kind=Kind.OPEN))
    assert rule([absent], exclusive=False) == AGAIN
    assert rule([absent, absent], exclusive=False) == Ruling(absent, ())


def test_a_run_that_proves_nothing_is_no_run_to_count() -> None:
    ruling = rule([EXPLAINED, OWN, PASSED], exclusive=True)
    assert isinstance(ruling, Ruling)
    assert ruling.attempt.actual == "late (in 1 of 2 runs)"
    never_started = rule([OWN, ABSENT, PASSED], exclusive=True)
    assert isinstance(never_started, Ruling)
    assert never_started.attempt.actual == "late (in 1 of 2 runs)"


KINDS = [
    PASSED, WRONG, LATE, ABSENT, OURS, NOT_RUN, OWN, EXPLAINED,
    calmly(ABSENT), disturbed(LATE), ENDED,
]  # fmt: skip


def hold(shows: Sequence[Attempt], *, begins_shared: bool) -> Held:
    attempts: list[Attempt] = []
    exclusive = False
    for number, shown in enumerate(shows):
        attempts.append(replace(shown, shared=begins_shared and number == 0, seconds=float(number)))
        ruling = rule(attempts, exclusive=exclusive)
        if isinstance(ruling, Ruling):
            return Held(attempts, ruling, exclusive)
        exclusive = ruling.exclusive
    raise AssertionError(f"no ruling after {len(shows)} attempts")


@given(st.tuples(*[st.sampled_from(KINDS)] * 5), st.booleans())
def test_five_attempts_always_decide(shows: tuple[Attempt, ...], begins_shared: bool) -> None:
    held = hold(shows, begins_shared=begins_shared)
    own = [attempt for attempt in held.attempts if not attempt.shared]
    outcome = held.ruling.attempt.outcome
    if outcome is Outcome.FAILED:
        failures = [attempt for attempt in own if attempt.outcome is Outcome.FAILED]
        proof = any(stands_at_once(attempt) or attempt.own for attempt in failures)
        # Costs points: wrong bytes, lateness of its own, or something that showed again, or
        # when it was held alone.
        assert proof or own[-1].outcome is Outcome.FAILED
        kinds = [a.kind for a in held.attempts[:-1] if a.outcome is Outcome.FAILED]
        assert proof or held.exclusive or (own[-1].kind in kinds and own[-1].undisturbed)
    if outcome is Outcome.PASSED:
        assert all(a.outcome is not Outcome.FAILED or a.disturbed for a in own)


CLAUSE = Clause("3.1", Level.MUST, 3, "upper_case", "…")
OTHER = Clause("3.3", Level.MUST, 2, "in_order", "…")


@pytest.mark.parametrize("attempt", [WRONG, ABSENT, OURS])
def test_what_another_clause_pays_for_was_not_shown(attempt: Attempt) -> None:
    excused = excuse(Ruling(attempt), [CLAUSE]).attempt
    assert (excused.outcome, excused.blame) == (Outcome.NOT_RUN, Blame.PROGRAM)
    assert excused.behind == ("3.1",)
    assert "not shown: it stands behind clause 3.1 (upper_case)" in excused.reason


@pytest.mark.parametrize("attempt", [PASSED, NOT_RUN])
def test_what_needs_no_excuse_gets_none(attempt: Attempt) -> None:
    assert excuse(Ruling(attempt), [CLAUSE]) == Ruling(attempt)


def test_no_excuse_where_nothing_else_failed() -> None:
    assert excuse(Ruling(WRONG), []) == Ruling(WRONG)


def test_each_ground_is_named_once() -> None:
    behind = not_shown([CLAUSE, OTHER, CLAUSE])
    assert behind.behind == ("3.1", "3.3")
    assert "clause 3.1 (upper_case) and 3.3 (in_order);" in behind.reason


def seen(kind: Kind | None, outcome: Outcome = Outcome.FAILED) -> Attempt:
    return Attempt(outcome, fault=Fault.WRONG, kind=kind)


@pytest.mark.parametrize("kind", Kind)
def test_a_fault_explains_one_of_its_own_kind(kind: Kind) -> None:
    assert explains(seen(kind), seen(kind))
    assert explains(seen(kind), seen(kind, Outcome.INCONCLUSIVE))
    assert not explains(seen(kind), seen(None))
    assert not explains(seen(None), seen(kind))
    for outcome in set(Outcome) - {Outcome.FAILED}:
        assert not explains(seen(kind, outcome), seen(kind)), "it has not failed"


@pytest.mark.parametrize(
    ("ground", "other"),
    [
        (Kind.SILENCE, Kind.LATE),
        (Kind.ENDED, Kind.CLOSED),
        (Kind.ENDED, Kind.REFUSED),
    ],
)
def test_what_follows_from_a_fault_is_explained_by_it_and_not_the_other_way_round(
    ground: Kind, other: Kind
) -> None:
    assert explains(seen(ground), seen(other))
    assert not explains(seen(other), seen(ground))


@pytest.mark.parametrize(
    ("ground", "other"),
    [
        (Kind.CLOSED, Kind.SILENCE),
        (Kind.FORM, Kind.SILENCE),
        (Kind.LATE, Kind.SILENCE),
        (Kind.OPEN, Kind.CLOSED),
        (Kind.ENDED, Kind.FORM),
    ],
)
def test_a_fault_of_another_kind_explains_nothing(ground: Kind, other: Kind) -> None:
    assert not explains(seen(ground), seen(other))


def test_where_the_lab_stumbled_nothing_is_repeated() -> None:
    for attempt in (STUMBLED, shared(STUMBLED)):
        for exclusive in (False, True):
            assert rule([attempt], exclusive=exclusive) == Ruling(attempt)
    assert rule([LATE, STUMBLED], exclusive=False) == Ruling(STUMBLED, (LATE,))
    assert isinstance(rule([OWN, STUMBLED], exclusive=False), Repeat), "it stays late"
