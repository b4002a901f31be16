"""Which scenario is held next, and in whose company."""

from __future__ import annotations

import pytest

from conformance.docket import Case, Docket, Stage
from conformance.labs.presence import presence
from conformance.model import Attempt, Fault, Outcome

PASSED = Attempt(Outcome.PASSED, waited=0.0)
ABSENT = Attempt(Outcome.FAILED, expected="a", actual="nothing", fault=Fault.ABSENT, waited=0.01)
DISTURBED = Attempt(Outcome.FAILED, expected="a", fault=Fault.ABSENT, waited=0.7)
OWN = Attempt(Outcome.FAILED, expected="a", actual="late", fault=Fault.LATE, own=True)
EXPLAINED = Attempt(Outcome.INCONCLUSIVE, reason="it was kept waiting", waited=0.7)


def docket() -> tuple[Docket, Case, Case]:
    """A docket whose gate holds, with two cases that build on nothing else."""
    known = presence.scenarios_for(presence.resolve(presence.name, {}))
    made = Docket(presence, known, remote=False)
    free = [s for s in known if not s.grounds and not s.alone and s.clause.number != presence.gate]
    for scenario in free[:2]:
        made.want(scenario)
    made.heard(made[presence.gate], PASSED, calm=False)
    one, other = (made[scenario.clause.number] for scenario in free[:2])
    return made, one, other


@pytest.mark.parametrize("shown", [ABSENT, DISTURBED, OWN])
def test_what_is_late_or_absent_is_held_again_at_once_beside_others(shown: Attempt) -> None:
    made, one, other = docket()
    made.heard(one, shown, calm=False)
    other.stage = Stage.HELD
    assert one.stage is Stage.FRESH
    assert made.next([[other]]) == [one]


def test_where_nothing_disturbs_the_program_the_second_time_decides() -> None:
    made, one, _ = docket()
    made.heard(one, ABSENT, calm=False)
    made.heard(one, ABSENT, calm=False)
    assert one.failed


@pytest.mark.parametrize("shown", [DISTURBED, EXPLAINED])
def test_what_was_disturbed_again_waits_until_it_is_alone(shown: Attempt) -> None:
    made, one, other = docket()
    made.heard(one, ABSENT, calm=False)
    made.heard(one, shown, calm=False)
    other.stage = Stage.HELD
    assert one.stage is Stage.CALM
    assert made.next([[other]]) == []
    assert made.next([]) == [one]
    made.heard(one, ABSENT, calm=True)
    assert one.failed


def test_what_waiting_explains_waits_for_a_calm_machine() -> None:
    made, one, _ = docket()
    made.heard(one, EXPLAINED, calm=False)
    assert one.stage is Stage.CALM
