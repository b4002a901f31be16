"""Holds a conversation of turns with a server, and compares what comes with what a model says."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from conformance.contract.state_model import TAG, Act, Incoming, Promise, StateModel, Turn
from conformance.session.server import Server
from conformance.verdict.violation import Fault, Kind, Violation
from conformance.wire.tcp_client import Client


@dataclass
class Waits:
    """How long is waited, in seconds."""

    patience: float
    """For what is promised."""
    settling: float
    """After each turn, in which nothing may come that is not promised."""
    silence: float
    """The same, after a turn of which nobody hears anything: it is not known when the server has
    taken it in."""
    greeting: float
    """For the first line that a newcomer is sent. Some servers send none."""
    asks_again: bool = False
    """Whether a question whose answer was wrong until the end of patience is asked once more (see
    `Promise`)."""


@dataclass(frozen=True)
class Disagreement:
    """A promise that was not kept."""

    at: int
    """The place of the turn in the conversation, from 0."""
    promise: Promise
    actual: str
    violation: Violation


@dataclass
class Player:
    """Holds conversations with a server."""

    server: Server
    waits: Waits
    slowest: float = 0.0
    """Seconds that the slowest promise took to be kept."""
    greets: bool | None = None
    """Whether it sends newcomers a line; None while that is unknown."""
    _clients: dict[int, Client] = field(default_factory=dict)
    _several: bool = False
    """Whether more than one client has come in this conversation."""
    _marks: dict[int, int] = field(default_factory=dict)
    """How many lines each client had got when the turn began."""

    async def play(self, model: StateModel, turns: Sequence[Turn]) -> Disagreement | None:
        """Holds the conversation, until it is over or a promise is not kept. Then all clients
        leave."""
        try:
            for at, drawn in enumerate(turns):
                turn = replace(drawn, text=drawn.text.replace(TAG, model.tag))
                if not model.allows(turn):  # the server has hung up, which is known to be its fault
                    continue
                try:
                    found = await self._take(model, turn)
                except Violation as refused:  # no client can connect, or the server reads no more
                    promise = Promise(turn.who, model.survives, refused.expected, _nothing)
                    found = promise, refused
                if found is not None and found[0].clause not in model.failed:
                    promise, violation = found
                    return Disagreement(at, promise, violation.actual, violation)
            return None
        finally:
            await asyncio.gather(*(client.leave() for client in self._clients.values()))
            self._clients.clear()

    async def _take(self, model: StateModel, turn: Turn) -> tuple[Promise, Violation] | None:
        self._marks = {who: len(client.lines) for who, client in self._clients.items()}
        promises = model.after(turn)
        await self._act(turn)
        found = await self._broken(promises)
        if found and found[0].asked_again and self.waits.asks_again:
            self._marks = {who: len(client.lines) for who, client in self._clients.items()}
            await self._act(replace(turn, act=Act.SAYS))
            found = await self._broken(promises)
        if found is None:
            for who, client in self._clients.items():
                if client.ending is not None and who in model.here:
                    model.hangs_up(who)
        for who in [who for who in self._clients if who not in model.here]:
            await self._clients.pop(who).leave()  # the server hangs up, or should
        return found

    async def _act(self, turn: Turn) -> None:
        who = turn.who
        if turn.act is Act.COMES:
            self._several = bool(self.server.recorder.names())
            self._clients[who] = client = await self.server.open_client()
            self._marks[who] = 0
            unless = self.waits.settling if self.greets is False else self.waits.greeting
            self.greets = await client.watch(lambda: bool(client.lines), unless)
            return
        client = self._clients[who]
        half = len(turn.text) // 2
        if turn.act is Act.LEAVES:
            await self._clients.pop(who).leave()
        elif turn.act is Act.RESETS:
            self._clients.pop(who).reset()
        elif turn.act is Act.BEGINS:
            await client.send(turn.text[:half])
        elif turn.act is Act.ENDS:
            await client.send_line(turn.text[half:])
        else:
            await client.send_line(turn.text)

    async def _broken(self, promises: Sequence[Promise]) -> tuple[Promise, Violation] | None:
        """The first promise that is not kept."""
        awaited = [promise for promise in promises if promise.who in self._clients]
        clock = asyncio.get_running_loop().time
        began = clock()
        kept = True
        for promise in awaited:
            left = began + self.waits.patience - clock()
            settled = functools.partial(self._is_settled, promise)
            kept &= await self._clients[promise.who].watch(settled, max(0.0, left))
        if kept:
            self.slowest = max(self.slowest, clock() - began)
        heard = any(self._incoming(who).texts for who in self._clients)
        unpromised = self.waits.settling if heard else self.waits.silence
        await asyncio.sleep(unpromised * self.server.scale)
        for promise in awaited:
            if actual := promise.broken(self._incoming(promise.who)):
                return promise, self._violation(promise, actual)
        return None

    def _is_settled(self, promise: Promise) -> bool:
        incoming = self._incoming(promise.who)
        return not promise.broken(incoming) or promise.hopeless(incoming)

    def _incoming(self, who: int) -> Incoming:
        client = self._clients[who]
        texts = tuple(line.text for line in client.lines[self._marks[who] :])
        return Incoming(texts, client.unfinished, client.ending is not None)

    def _violation(self, promise: Promise, actual: str) -> Violation:
        client, incoming = self._clients[promise.who], self._incoming(promise.who)
        hopeless = promise.hopeless(incoming)
        kind = promise.kind or Kind.FORM
        if incoming.closed:
            kind = Kind.ENDED if self.server.host.ended() else Kind.CLOSED
        elif not hopeless and not (incoming.texts or incoming.unfinished):
            kind = promise.kind or Kind.SILENCE
            span = "after" if kind is Kind.OPEN else "within"
            actual = f"{actual} {span} {self.waits.patience:g} s"
        fault = Fault.WRONG if hopeless else Fault.ABSENT
        wanted = f"to {client.label}: {promise.wanted}" if self._several else promise.wanted
        violation = Violation(wanted, actual, fault=fault, kind=kind)
        proof = client.lines[self._marks[promise.who] :][-1:]
        shown = client.shows(violation, *proof)
        assert shown is not None, "there is a violation to be shown"
        return shown


def _nothing(incoming: Incoming) -> str:
    return ""
