"""How long a program was kept waiting, and what that says of a delay."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.verdict.delays import (
    MARGIN,
    NANOSECONDS,
    NOBODY_KNOWS,
    Sample,
    Waited,
    Waiting,
    longest_wait,
    reckoned,
)
from conformance.verdict.model import Attempt, Outcome
from conformance.verdict.violation import Delay, Fault

BEGAN = 1_700_000_000
LATE = Attempt(Outcome.FAILED, expected="a line every 1 s", actual="1.62 s", fault=Fault.LATE)
SHORT = Attempt(Outcome.FAILED, expected="a line every 1 s", actual="0.50 s", fault=Fault.WRONG)


def ns(seconds: float) -> int:
    return round(seconds * NANOSECONDS)


def sample(
    at: float,
    waited: float = 0.0,
    *,
    ended: bool = False,
    some: float | None = 0.0,
    ran: float = 0.0,
    stolen: float = 0.0,
    stalled: float = 0.0,
    delayed: float = 0.0,
    idle: float = 0.0,
    pinned: bool = False,
    active: bool = True,
) -> Sample:
    return Sample(
        ns(BEGAN + at),
        ns(waited),
        ran=ns(ran),
        ended=ended,
        stolen=ns(stolen),
        stalled=ns(stalled),
        delayed=ns(delayed),
        pressure=None if some is None else ns(some),
        cores=2,
        idle=ns(idle),
        pinned=pinned,
        active=active,
    )


def between(begin: float, end: float, *samples: Sample) -> Waited:
    return Waiting(samples).between(ns(BEGAN + begin), ns(BEGAN + end))


def test_what_was_waited_between_the_nearest_samples_outside() -> None:
    samples = [sample(at, waited) for at, waited in ((0, 5), (1, 5.5), (2, 5.6), (3, 5.9))]
    assert between(1.2, 1.8, *samples).core == pytest.approx(0.1)
    assert between(0.9, 2.1, *samples).core == pytest.approx(0.9)
    assert between(1.0, 2.0, *samples).core == pytest.approx(0.1)


@pytest.mark.parametrize(("begin", "end"), [(-1, 1), (1, 4), (-BEGAN, 1 - BEGAN), (2, 1)])
def test_of_another_time_nobody_knows(begin: float, end: float) -> None:
    assert between(begin, end, sample(0), sample(3)) == NOBODY_KNOWS
    assert between(begin, end).most is None


def test_a_look_that_takes_long_counts_from_its_end_and_until_its_beginning() -> None:
    slow = Sample(ns(BEGAN), 0, over=ns(BEGAN + 0.5))
    assert between(0.4, 1.0, slow, sample(2)) == NOBODY_KNOWS
    assert between(0.6, 1.0, slow, sample(2, waited=0.1)).core == pytest.approx(0.1)


def test_the_machine_explains_too() -> None:
    waited = between(0, 1, sample(0), sample(1, stolen=0.1, stalled=0.2, delayed=0.05))
    assert waited.core == 0.0
    assert waited.machine == pytest.approx(0.35)
    assert waited.most == pytest.approx(0.35)


def test_threads_that_keep_each_other_waiting_are_no_excuse() -> None:
    """Two cores for two seconds: where the program has run for 3.9 of the 4, all others
    together had 0.1, however long its threads have waited for one another."""
    assert between(0, 2, sample(0), sample(2, waited=9, ran=3.9)).core == pytest.approx(0.1)
    assert between(0, 2, sample(0), sample(2, waited=1, ran=0.5)).core == pytest.approx(1)


def test_who_keeps_to_some_cores_is_not_kept_waiting_by_those_that_are_idle() -> None:
    """Its own threads had one core for 1.9 of two seconds; the other had nothing to run."""
    first, last = sample(0), sample(2, waited=9, ran=1.9, idle=1.8, pinned=True)
    assert between(0, 2, first, last).core == pytest.approx(0.3)
    # One that may use all cores can be kept from an idle one: by the quota of a container.
    assert between(0, 2, first, replace(last, pinned=False)).core == pytest.approx(2.1)


@pytest.mark.parametrize("known", [0.0, 0.2])
def test_threads_that_ended_were_not_kept_waiting_by_their_own_kind_either(known: float) -> None:
    ran_by_itself = sample(2, waited=known, ended=True, some=1.5, ran=3.7)
    waited = between(0, 2, sample(0), ran_by_itself)
    assert waited.known == pytest.approx(known)
    assert waited.most == pytest.approx(0.3)


def test_what_ended_threads_waited_is_bounded_by_the_pressure() -> None:
    quiet = [sample(0), sample(0.5), sample(1, ended=True), sample(1.5)]
    assert between(0.9, 1.2, *quiet).most == 0.0
    busy = [sample(0), sample(0.5), sample(1, ended=True, some=0.01), sample(1.5, some=0.01)]
    waited = between(0.9, 1.2, *busy)
    assert waited.known == 0.0
    assert waited.most is not None
    assert 0.01 < waited.most < 0.2
    assert between(1.1, 1.2, *busy).most == 0.0  # it ended before


def test_where_threads_ended_and_nothing_bounds_it_nobody_knows() -> None:
    samples = [sample(0), sample(0.5), sample(1, ended=True, waited=0.25, some=None)]
    waited = between(0.6, 0.9, *samples)
    assert (waited.most, waited.known) == (None, 0.25)


@pytest.mark.parametrize("some", [None, 0.9])
def test_who_was_asleep_when_seen_last_can_have_waited_since_then_only(some: float | None) -> None:
    last = sample(1, ended=True, some=some)
    waited = between(0.2, 0.6, sample(0), sample(0.5, active=False), last)
    assert waited.most == pytest.approx(0.1)


def test_a_wait_that_can_have_begun_long_before_is_looked_for_long_before() -> None:
    """From 1.0 to 3.0 some task waited all the time: the thread that ended then may have."""
    marks = ((0, 0), (0.5, 0), (1, 0), (1.5, 0.5), (2, 1), (2.5, 1.5))
    samples = [sample(at, some=some) for at, some in marks]
    samples.append(sample(3, ended=True, some=2.0))
    most = between(0.2, 2.9, *samples).most
    assert most is not None
    assert most >= 2.0
    assert between(2.6, 2.9, *samples).most == longest_wait(samples[-2], samples[-1])


@given(
    waits=st.floats(0.001, 1.0),
    seconds=st.floats(1.0, 3.0),
    share=st.floats(0.0, 1.0),
    rest=st.floats(0.0, 1.0),
    others=st.floats(0.0, 1.0),
)
def test_no_thread_can_have_waited_longer_than_the_bound(
    waits: float, seconds: float, share: float, rest: float, others: float
) -> None:
    """What the kernel makes of a thread that waits now on one of two cores, now on the other:
    neither is idle meanwhile, and perhaps longer, with what nobody waits for."""
    one, other = waits * share, waits * (1 - share)
    busy = one + rest * (seconds - one)
    too = other + others * (seconds - other)
    some = (one * busy + other * too) / (busy + too)
    bound = longest_wait(sample(0), sample(seconds, some=some))
    assert bound is not None
    assert bound >= waits - 1e-6


def gap(beyond: float, *, begin: float = 1.1, end: float = 1.9, told: str = "1.62 s") -> Delay:
    return Delay(BEGAN + begin, BEGAN + end, beyond, told)


def waiting(waited: float, stolen: float = 0.0) -> Waiting:
    return Waiting([sample(0), sample(1), sample(2, waited, stolen=stolen)])


def test_a_delay_beyond_all_waiting_is_the_programs_own() -> None:
    attempt = reckoned(LATE, [gap(0.37)], waiting(0.04))
    assert attempt.outcome is Outcome.FAILED
    assert attempt.own
    assert attempt.actual == "1.62 s, 0.04 s of it waiting for a core"
    assert attempt.fault is Fault.LATE


def test_so_is_an_absence_that_was_timed() -> None:
    absent = replace(LATE, fault=Fault.ABSENT)
    attempt = reckoned(absent, [gap(0.37)], waiting(0.04))
    assert (attempt.outcome, attempt.fault, attempt.own) == (
        Outcome.FAILED, Fault.ABSENT, True,
    )  # fmt: skip
    assert reckoned(absent, [gap(0.37)], waiting(0.4)).outcome is Outcome.INCONCLUSIVE
    assert reckoned(absent, [], waiting(0.04)) == absent


def test_a_delay_that_waiting_explains_is_nobodys_fault() -> None:
    attempt = reckoned(LATE, [gap(0.37)], waiting(0.4))
    assert attempt.outcome is Outcome.INCONCLUSIVE
    assert not attempt.own
    assert attempt.reason == (
        "1.62 s, 0.40 s of it waiting for a core: that explains the 0.37 s beyond its limit"
    )
    assert reckoned(LATE, [gap(0.37)], waiting(0.3, stolen=0.1)).reason.startswith(
        "1.62 s, 0.30 s of it waiting for a core, 0.10 s held up by the machine"
    )


def test_a_delay_that_no_counter_need_show_has_to_show_again() -> None:
    attempt = reckoned(LATE, [gap(MARGIN)], waiting(0.0))
    assert attempt.outcome is Outcome.FAILED
    assert not attempt.own


def test_where_nobody_knows_all_stays_as_it_was() -> None:
    assert reckoned(LATE, [gap(0.37)], Waiting()) == LATE
    assert reckoned(LATE, [], waiting(9.0)) == LATE
    relative = Delay(0.0, 2.5, 0.5, "it came after 2.50 s")
    assert reckoned(LATE, [relative], waiting(9.0)) == LATE


def test_one_delay_that_is_not_explained_is_enough() -> None:
    """The worst is explained, another is not."""
    samples = Waiting([sample(0), sample(1), sample(2, 0.9), sample(3, 0.9), sample(4, 0.9)])
    other = gap(0.15, begin=2.1, end=3.5, told="1.40 s between line 3 and line 4")
    attempt = reckoned(LATE, [gap(0.8), other], samples)
    assert attempt.own
    assert attempt.actual.startswith("1.40 s between line 3 and line 4, 0.00 s of it")


def test_a_delay_of_which_nobody_knows_keeps_others_from_being_the_whole_story() -> None:
    relative = Delay(0.0, 2.5, 0.5, "it came after 2.50 s")
    attempt = reckoned(LATE, [gap(0.3), relative], waiting(0.4))
    assert attempt.outcome is Outcome.FAILED
    assert not attempt.own


def test_a_gap_is_not_too_short_where_the_line_before_had_to_wait() -> None:
    assert reckoned(SHORT, [gap(0.25)], waiting(0.3)).outcome is Outcome.INCONCLUSIVE
    assert reckoned(SHORT, [gap(0.25)], waiting(0.1)) == SHORT
    assert reckoned(SHORT, [gap(0.25)], Waiting()) == SHORT


@given(beyond=st.floats(0.0, 5.0), waited=st.floats(0.0, 0.9))
def test_who_waited_long_enough_is_never_accused(beyond: float, waited: float) -> None:
    attempt = reckoned(LATE, [gap(beyond)], waiting(waited))
    if attempt.own:
        assert beyond > waited
    if attempt.outcome is Outcome.FAILED:
        assert beyond > waited - 1e-6


def test_the_words_say_what_is_a_bound() -> None:
    assert str(Waited(0.04, 0.0, 0.0)) == "0.04 s of it waiting for a core"
    assert str(Waited(0.04, 0.0, 0.02)) == "at most 0.06 s of it waiting for a core"


def a_second_each(*waits: float) -> Waiting:
    """Samples of a second each, in which the program was kept waiting for so long."""
    total, samples = 0.0, [sample(0)]
    for second, waited in enumerate(waits, 1):
        total += waited
        samples.append(sample(second, total))
    return Waiting(samples)


def each(beyond: float, count: int) -> list[Delay]:
    """Steps of a second, each too long by so much."""
    return [Delay(BEGAN + n, BEGAN + n + 1, beyond, "") for n in range(count)]


def test_a_steady_delay_is_the_programs_own_whatever_held_it_up_once() -> None:
    """0.04 s too long in all, and 0.06 s waited: but in one of ten steps only."""
    whole = [Delay(BEGAN, BEGAN + 10, 0.04, "they took 13.54 s")]
    once = a_second_each(0, 0, 0, 0.06, *[0.0] * 6)
    assert reckoned(LATE, whole, once).outcome is Outcome.INCONCLUSIVE
    some_quick = [*each(0.004, 9), *each(0.001, 10)[9:]]
    attempt = reckoned(LATE, whole, once, some_quick)
    assert (attempt.outcome, attempt.own) == (Outcome.FAILED, True)
    assert attempt.actual == "they took 13.54 s, 0.06 s of it waiting for a core"


def test_a_program_that_is_kept_waiting_in_each_step_is_not_late_by_itself() -> None:
    whole = [Delay(BEGAN, BEGAN + 10, 0.04, "they took 13.54 s")]
    some_quick = [*each(0.004, 9), *each(0.001, 10)[9:]]
    attempt = reckoned(LATE, whole, a_second_each(*[0.006] * 10), some_quick)
    assert attempt.outcome is Outcome.INCONCLUSIVE
    mostly = [*each(0.004, 10)[:4], *each(-0.5, 10)[4:]]
    assert not reckoned(LATE, whole, a_second_each(*[0.0] * 10), mostly).own
    assert not reckoned(LATE, whole, Waiting(), some_quick).own


def test_where_even_the_quickest_step_is_too_long_no_waiting_explains_it() -> None:
    """Many threads wait in vain while the one that counts does not."""
    whole = [Delay(BEGAN, BEGAN + 10, 0.1, "they took 13.6 s")]
    attempt = reckoned(LATE, whole, a_second_each(*[0.2] * 10), each(0.01, 10))
    assert (attempt.outcome, attempt.own) == (Outcome.FAILED, True)


def test_two_steps_are_no_steady_way() -> None:
    whole = [Delay(BEGAN, BEGAN + 2, 0.1, "they took 2.6 s")]
    assert not reckoned(LATE, whole, a_second_each(0.2, 0.2), each(0.05, 2)).own
