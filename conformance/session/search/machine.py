"""A state machine of Hypothesis that draws conversations from a model.

The model alone decides what can be said next, so that a conversation is drawn whole before it is
held. Imported only where a search was asked for: Hypothesis takes its time to load.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.errors import Flaky
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from conformance.contract.state_model import Act, StateModel, Turn
from conformance.verdict.model import Parameters

TURNS = 30
"""Turns of a conversation that is drawn."""

PARTING = (Act.LEAVES, Act.RESETS)

COMES = 20
"""How often in a hundred turns one more client comes, where one may."""

GOES_ON = (70, 0, 40)
"""How often the client that did something last does the next thing, too; drawn for each
conversation, as what follows."""

PARTS = (5, 0, 20)
"""How often somebody leaves, with or without a word."""

HALVES = (0, 5, 15)
"""How often half a line is sent."""

MOST = 10_000_000
"""Conversations at most: the time ends a search long before."""

FEW = 30
"""Conversations after which all that Hypothesis needs is loaded."""

NOWHERE = "/dev/null/hypothesis"
"""A folder that cannot be made: Hypothesis shall write nothing, neither where the suite was called
nor elsewhere."""


class TimeIsUp(BaseException):
    """Ends a search wherever it is. No Exception: Hypothesis would take that for a finding."""


class NotKept(Exception):  # noqa: N818 - a finding, not an error
    """A conversation that broke a promise."""


Hold = Callable[[tuple[Turn, ...]], bool]
"""Holds a conversation; whether it keeps all promises. May raise TimeIsUp."""


def look_for_one(model: Callable[[], StateModel], hold: Hold, number: int) -> None:
    """Holds conversations until one breaks a promise, or until `hold` raises TimeIsUp. `number` is
    the seed."""
    set_hypothesis_home_dir(NOWHERE)
    try:
        run_state_machine_as_test(seed(number)(_machine(model, hold)), settings=_settings())
    except (NotKept, TimeIsUp, Flaky):  # flaky: it broke a promise, and kept it the next time
        return


def warm_up() -> None:
    """Draws a few conversations of a model that knows nothing but coming and leaving."""
    drawn = 0

    def hold(turns: tuple[Turn, ...]) -> bool:
        nonlocal drawn
        drawn += 1
        if drawn > FEW:
            raise TimeIsUp
        return True

    look_for_one(lambda: StateModel(Parameters({})), hold, 0)


def _settings() -> settings:
    return settings(
        database=None,
        deadline=None,
        derandomize=False,
        max_examples=MOST,
        phases=(Phase.generate,),
        print_blob=False,
        report_multiple_bugs=False,
        stateful_step_count=TURNS + 1,  # the first says how the conversation goes
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )


def _machine(model: Callable[[], StateModel], hold: Hold) -> type[RuleBasedStateMachine]:
    """The state machine: how a conversation goes is drawn first, then one turn after another."""

    class Conversing(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.model = model()
            self.turns: list[Turn] = []
            self.most = self.goes_on = self.parts = self.halves = 0

        @initialize(
            most=st.sampled_from(range(1, model().clients + 1)),
            goes_on=st.sampled_from(GOES_ON),
            parts=st.sampled_from(PARTS),
            halves=st.sampled_from(HALVES),
        )
        def begin(self, most: int, goes_on: int, parts: int, halves: int) -> None:
            self.most, self.goes_on, self.parts, self.halves = most, goes_on, parts, halves

        @rule(data=st.data())
        def turn(self, data: Any) -> None:
            turn = data.draw(st.sampled_from(self.next(data)))
            self.turns.append(turn)
            self.model.after(turn)

        def next(self, data: Any) -> Sequence[Turn]:
            """What may be done next, of one kind. Each draw takes time: one number decides."""
            model = self.model
            coming = model.turns(Act.COMES) if len(model.here) < self.most else []
            if not model.here:
                return coming
            chance: int = data.draw(st.sampled_from(range(100)))
            if coming and chance < COMES:
                return coming
            kinds = [turns for kind in model.kinds if (turns := model.turns(kind))]
            half = not kinds or COMES <= chance < COMES + self.halves
            if half and (halves := model.turns(Act.ENDS) or model.turns(Act.BEGINS)):
                return halves
            speaks_from = COMES + self.halves + self.parts
            if not kinds or COMES + self.halves <= chance < speaks_from:
                return [turn for kind in (*model.farewells, *PARTING) for turn in model.turns(kind)]
            if chance >= 100 - (100 - speaks_from) * self.goes_on // 100:
                last = self.turns[-1].who
                own = [[turn for turn in turns if turn.who == last] for turns in kinds]
                kinds = [turns for turns in own if turns] or kinds
            drawn: list[Turn] = data.draw(st.sampled_from(kinds))
            return drawn

        def teardown(self) -> None:
            if sys.exception() is None and not hold(tuple(self.turns)):
                raise NotKept

    return Conversing
