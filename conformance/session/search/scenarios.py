"""The search, and the showing of what it has found, as scenarios that a session holds.

What they leave behind comes with their finding, in the server's dialect, under `LEAVES`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from conformance.contract.lab import Lab
from conformance.contract.scenario import Judge, Scenario
from conformance.contract.state_model import Act, StateModel, Turn
from conformance.session.search.player import Player, Waits
from conformance.session.search.searching import Searching
from conformance.session.server import Server
from conformance.verdict.model import Clause, Level, Parameters

NUMBER = "search"
"""What stands for the number of a clause."""

LEAVES = "search"

PATIENCE = 5.0
"""Seconds for what is promised, as the contracts have it: "waits 5 s"."""

SETTLING = 0.5
"""Seconds for what is not promised, as the contracts have it."""

MARGIN = 60.0
"""Seconds beyond its own after which a search is given up as a fault of the suite."""


@dataclass(frozen=True)
class Sought:
    """Whose promises are looked at."""

    lab: Lab
    parameters: Parameters
    failed: frozenset[str]
    """Clauses that do not hold."""

    def model(self, tag: str = "") -> StateModel:
        assert self.lab.state_model is not None, "only a lab with a model is searched"
        return self.lab.state_model(self.parameters, self.failed, tag)


def search(sought: Sought, seconds: float, seed: int) -> Scenario:
    """Looks for a conversation that breaks a promise."""

    async def search(server: Server) -> None:
        searching = Searching(server, sought.model, seconds, seed)
        began = time.monotonic()
        await searching.search()
        server.begin(NUMBER, seed)
        server.dialect[LEAVES] = {
            "held": searching.held,
            "once": searching.once,
            "seconds": time.monotonic() - began,
            "turns": turns_to_json(searching.shortest or ()),
        }

    return _scenario(search, "Clients say what nobody wrote for them.")


def show(sought: Sought, turns: Sequence[Turn]) -> Scenario:
    """Holds that conversation with the contract's patience, on a fresh server."""

    async def show(server: Server) -> None:
        waits = Waits(PATIENCE, SETTLING, SETTLING, greeting=SETTLING, asks_again=True)
        model = sought.model()
        found = await Player(server, waits).play(model, turns)
        if found is None:
            return
        client = model.number_of(found.promise.who)
        server.dialect[LEAVES] = {
            "at": found.at,
            "clause": found.promise.clause,
            "client": client,
            "wanted": found.promise.wanted,
            "actual": found.actual,
        }
        raise found.violation

    return _scenario(show, "The shortest conversation that was found.")


def _scenario(judge: Judge, title: str) -> Scenario:
    judge.__doc__ = title
    return Scenario(Clause(NUMBER, Level.INFO, 0, judge.__name__, title), judge, alone=True)


def with_time(lab: Lab, seconds: float) -> Lab:
    """The lab, whose scenarios may take that long, and a margin."""
    return replace(lab, longest=lambda parameters: seconds + MARGIN)


def turns_to_json(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    return [asdict(turn) for turn in turns]


def turns_from_json(told: Sequence[Mapping[str, Any]]) -> tuple[Turn, ...]:
    return tuple(Turn(turn["who"], Act(turn["act"]), turn["text"]) for turn in told)
