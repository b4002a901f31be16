"""Runs the scenarios of a session one after the other.

Scenarios may share a conversation: it is held once, and each judges its evidence. The gate may
begin the next conversation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from conformance.contract.scenario import Conversation, Scenario
from conformance.contract.stumble import would_again
from conformance.session.disturbance import Disturbance
from conformance.session.given import Given
from conformance.session.server import Server
from conformance.session.session_plan import SessionPlan
from conformance.verdict.model import Attempt, Outcome
from conformance.verdict.violation import HeldApart, LeftOut, NotJudged, Violation
from conformance.wire.tcp_client import Client


@dataclass
class Conversations:
    """The conversations of one session, and the evidence that scenarios share."""

    _plan: SessionPlan
    _server: Given
    _disturbance: Disturbance
    _evidence: dict[str, Any] = field(default_factory=dict)
    """By name of a shared conversation: the evidence, or the exception that ended it."""
    _begun: Client | None = None
    """The gate's client, with which the next conversation goes on."""

    def begin(self, scenario: Scenario) -> bool:
        """Begins a new conversation, unless the scenario uses one that was begun or held before;
        returns whether it does."""
        if self.is_known(scenario) or self._begun or self.joins(scenario):
            return False
        void = self._plan.void.get(scenario.clause.number, ())
        self._server.begin(scenario.name, self._plan.seed, void)
        self._disturbance.begin()
        return True

    def is_known(self, scenario: Scenario) -> bool:
        """Whether the scenario's shared conversation was held already."""
        return scenario.of is not None and scenario.of.name in self._evidence

    def has_spoilt(self, scenario: Scenario, attempt: Attempt) -> bool:
        """Whether the server is unfit for the next scenario: it failed this one, or was left in the
        middle of a conversation that gave no evidence."""
        if scenario.of is not None:
            return not self.is_known(scenario)
        if self.joins(scenario):
            return False
        return attempt.outcome is not Outcome.PASSED

    def joins(self, scenario: Scenario) -> bool:
        """Whether it may be held in a shared conversation of this session."""
        server, number = self._server, scenario.clause.number
        return isinstance(server, Server) and number in server.joinable

    def are_joined(self, scenario: Scenario) -> bool:
        """Whether another scenario may have been held in its conversation, or it in another's."""
        others = [other for other in self._plan.scenarios if other.joins is scenario.of]
        return self.joins(scenario) or (scenario.of is not None and any(map(self.joins, others)))

    async def hold(self, scenario: Scenario) -> None:
        """Puts the clause to the test; raises what the scenario raises."""
        if self.joins(scenario):
            self._require_joined(scenario)
            return
        gate = scenario.clause.number == self._plan.lab.gate and not scenario.begins
        if not gate and not self._server.remote and not self.is_known(scenario) and not self._begun:
            if scenario.apart:  # nobody waits for the server's port
                self._server.started()
                self._server.started = lambda: None
            else:
                await self._server.ready()
            self._disturbance.listens()
        if scenario.of is None:
            client = await scenario.judge(self._server)
            if isinstance(client, Client):
                await self._go_on(scenario.begins, client)
            return
        evidence = await self._evidence_of(scenario.of)
        if isinstance(evidence, Exception):
            raise evidence
        scenario.judge(evidence)

    async def _evidence_of(self, conversation: Conversation) -> Any:
        if conversation.name not in self._evidence:
            begun = [self._begun] if self._begun else []
            self._begun = None
            try:
                self._evidence[conversation.name] = await conversation.hold(self._server, *begun)
            except Exception as why:
                found = isinstance(why, (Violation, NotJudged, LeftOut, HeldApart))
                if not found and not would_again(why):
                    raise
                self._evidence[conversation.name] = why
        return self._evidence[conversation.name]

    def _require_joined(self, scenario: Scenario) -> None:
        """Raises HeldApart, unless it was held in the conversation that it joins, and both hold."""
        assert isinstance(self._server, Server), "a program that is a client has no other clients"
        if scenario.clause.number not in self._server.together:
            raise HeldApart("it was to be held beside another conversation, and was not")

    async def _go_on(self, conversation: Conversation | None, client: Client) -> None:
        """Keeps the gate's client for the conversation that the gate begins; else lets it leave."""
        if conversation and any(one.of is conversation for one in self._plan.scenarios):
            self._begun = client
        else:
            await client.leave()
