"""How often a conversation is held that several clauses are judged from, and with whom."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.contract.catalog import load
from conformance.contract.scenario import Conversation, Scenario
from conformance.session.conversations import Conversations
from conformance.session.disturbance import Disturbance
from conformance.session.server import Server
from conformance.session.session_plan import SessionPlan
from conformance.verdict.model import Attempt, Clause, Level, Outcome, Parameters
from conformance.verdict.violation import Violation
from conformance.wire.tcp_client import Client
from kit.peers import together
from kit.stand_in_host import StandInHost

LAB = load()["echo"]
PASSED = Attempt(Outcome.PASSED)
FAILED = Attempt(Outcome.FAILED)


def scenario(number: str, judge: Callable[..., Any], **more: Any) -> Scenario:
    return Scenario(Clause(number, Level.MUST, 1, f"says_{number}", "It says."), judge, **more)


class Held:
    """The conversations of a session whose server is a stand-in, and what happened."""

    def __init__(self, *scenarios: Scenario) -> None:
        self.happened: list[str] = []
        host = StandInHost()
        plan = SessionPlan(
            LAB, scenarios, Parameters({}), seed=1, scale=1.0, port=2323, void={"3.1": ["2.1"]}
        )
        server = SimpleNamespace(remote=False, begin=self._begin, ready=self._listening)
        self.conversations = Conversations(
            plan, cast(Server, server), Disturbance(host.as_host(), None)
        )

    def _begin(self, name: str, seed: int, void: object) -> None:
        self.happened.append(f"begin {name} {seed} {void}")

    async def _listening(self) -> None:
        self.happened.append("listening")

    def hold(self, each: Scenario) -> None:
        self.conversations.begin(each)
        together(lambda: self.conversations.hold(each))


def test_each_scenario_has_its_own_conversation_on_a_server_that_listens() -> None:
    async def judge(server: object) -> None:
        held.happened.append("judge")

    first, second = scenario("3.1", judge), scenario("3.2", judge)
    held = Held(first, second)
    held.hold(first)
    held.hold(second)
    assert held.happened == [
        "begin says_3.1 1 ['2.1']", "listening", "judge",
        "begin says_3.2 1 ()", "listening", "judge",
    ]  # fmt: skip


def test_the_gate_asks_itself_whether_the_server_listens() -> None:
    async def judge(server: object) -> None:
        held.happened.append("judge")

    gate = scenario(LAB.gate, judge)
    held = Held(gate)
    held.hold(gate)
    assert held.happened == [f"begin says_{LAB.gate} 1 ()", "judge"]


def test_a_shared_conversation_is_held_once() -> None:
    async def stream(server: object) -> str:
        held.happened.append("hold")
        return "lines"

    def judge(evidence: str) -> None:
        held.happened.append(f"judge {evidence}")

    shared = Conversation("stream", stream)
    first, second = scenario("2.1", judge, of=shared), scenario("2.2", judge, of=shared)
    held = Held(first, second)
    assert held.conversations.has_spoilt(first, FAILED), "there is no evidence for the next"
    held.hold(first)
    held.hold(second)
    assert held.happened == [
        "begin says_2.1 1 ()", "listening", "hold", "judge lines", "judge lines",
    ]  # fmt: skip
    assert not held.conversations.has_spoilt(first, FAILED)


def test_what_ended_a_shared_conversation_is_held_against_each() -> None:
    async def stream(server: object) -> None:
        raise Violation("a line", "nothing")

    def judge(evidence: object) -> None:
        raise AssertionError("there is nothing to judge")

    shared = Conversation("stream", stream)
    first, second = scenario("2.1", judge, of=shared), scenario("2.2", judge, of=shared)
    held = Held(first, second)
    for each in (first, second):
        with pytest.raises(Violation, match="expected a line, got nothing"):
            held.hold(each)


class StandInClient(Client):
    def __init__(self) -> None:
        self.has_left = False

    async def leave(self) -> None:
        self.has_left = True


def gate_with(client: Client, conversation: Conversation) -> Scenario:
    async def judge(server: object) -> Client:
        return client

    return scenario(LAB.gate, judge, begins=conversation)


def test_the_client_of_the_gate_goes_on_with_the_conversation_that_it_begins() -> None:
    async def stream(server: object, client: Client) -> Client:
        return client

    def judge(evidence: object) -> None:
        assert evidence is client

    client = StandInClient()
    shared = Conversation("stream", stream)
    gate, next_ = gate_with(client, shared), scenario("2.1", judge, of=shared)
    held = Held(gate, next_)
    held.hold(gate)
    held.hold(next_)
    assert held.happened == [f"begin says_{LAB.gate} 1 ()", "listening"]
    assert not client.has_left


def test_the_client_of_the_gate_leaves_where_nothing_goes_on() -> None:
    async def stream(server: object) -> None:
        raise AssertionError("it is not held in this session")

    client = StandInClient()
    gate = gate_with(client, Conversation("stream", stream))
    Held(gate).hold(gate)
    assert client.has_left


def test_a_server_is_spoilt_by_whoever_does_not_pass() -> None:
    async def judge(server: object) -> None: ...

    alone = scenario("3.1", judge)
    conversations = Held(alone).conversations
    assert conversations.has_spoilt(alone, FAILED)
    assert not conversations.has_spoilt(alone, PASSED)
