"""Looks for the shortest conversation that breaks a promise of the contract, in a given time.

Conversations are held one after another on one server, for as long as it keeps all promises. One
that breaks a promise is held again on a fresh server, and counts only if it does so there, too:
what a server remembers of others must not be taken for its fault.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from conformance.contract.state_model import TAG, Act, StateModel, Turn
from conformance.session.search.player import Disagreement, Player, Waits
from conformance.session.search.shorter import Turns, shortest
from conformance.session.server import Server
from conformance.verdict.violation import Violation

FIRST_PATIENCE = 0.5
"""Seconds for what is promised, while it is not known how quick the server is."""

PATIENCE = 0.15
"""Seconds at least: what comes later may count as missing while we search. What is found is shown
again with the contract's own patience."""

SILENCE = 0.01
"""The same, after a turn of which nobody hears anything."""

QUICKLY = 12.0
"""So many times the longest that this server has taken are enough to wait."""

SETTLING = 0.004
"""Seconds after each turn for what is not promised."""

TURNS_TO_KNOW = 20
"""Turns after which it is known how quick the server is."""

MOST_TOGETHER = 120
"""Turns that are held again as one conversation: of a server that has heard more, what it broke
cannot be made short in time."""

NewModel = Callable[[str], StateModel]
"""A model for one more conversation, with the tag that its words hold."""


@dataclass
class Searching:
    """One search. Its conversations are held by the event loop; Hypothesis asks for them in a
    thread of its own."""

    server: Server
    new_model: NewModel
    seconds: float
    seed: int
    held: int = 0
    """How many conversations were held."""
    once: int = 0
    """How many broke a promise once, and kept it on a fresh server."""
    shortest: Turns | None = None
    """The shortest conversation that broke a promise on a fresh server."""
    _known: dict[Turns, bool] = field(default_factory=dict)
    """Whether conversations that were held, and their beginnings, keep all promises."""
    _said: list[Turn] = field(default_factory=list)
    """What was said since the server was started."""
    _former: StateModel | None = None
    """The model of the conversation before."""
    _fresh: bool = True
    """Whether nobody has used the server since it was started."""
    _spoilt: bool = False
    """Whether a promise was broken since it was started."""

    def __post_init__(self) -> None:
        self._until = time.monotonic() + self.seconds
        self._player = Player(
            self.server, Waits(FIRST_PATIENCE, SETTLING, SILENCE, greeting=FIRST_PATIENCE)
        )

    async def search(self) -> None:
        """Searches until the time is up, or nothing shorter is found; or until the program cannot
        be started again."""
        with contextlib.suppress(TimeoutError, Violation):
            await self._find_one()
            if self.shortest is not None:
                async with asyncio.timeout(self._until - time.monotonic()):
                    await shortest(self.shortest, self._breaks, self._drawing)

    def _drawing(self) -> StateModel:
        """A model for conversations that are only drawn."""
        return self.new_model(TAG)

    async def _find_one(self) -> None:
        from conformance.session.search.machine import TimeIsUp, look_for_one

        loop = asyncio.get_running_loop()

        def hold(turns: Turns) -> bool:
            """Called in Hypothesis' own thread."""
            if (known := self._recall(turns)) is not None:
                return known
            if time.monotonic() > self._until:
                raise TimeIsUp
            try:
                return asyncio.run_coroutine_threadsafe(self._in_time(turns), loop).result()
            except TimeoutError:
                raise TimeIsUp from None

        await asyncio.to_thread(look_for_one, self._drawing, hold, self.seed)

    async def _breaks(self, turns: Turns) -> Turns | None:
        """As much of the conversation as breaks a promise; None where it keeps all, or was held
        before."""
        if self._recall(turns) is not None or await self._hold(turns):
            return None
        return self.shortest

    def _recall(self, turns: Turns) -> bool | None:
        """Whether a conversation keeps all promises, if that is known."""
        for length in range(1, len(turns) + 1):
            if self._known.get(turns[:length]) is False:
                return False
        return self._known.get(turns, None if turns else True)

    async def _in_time(self, turns: Turns) -> bool:
        """As `_hold`; TimeoutError where the time is up before that."""
        async with asyncio.timeout(self._until - time.monotonic()):
            return await self._hold(turns)

    async def _hold(self, turns: Turns) -> bool:
        """Whether the conversation keeps all promises, on a fresh server if not on this one."""
        if self._spoilt:
            await self._restart()
        was_fresh, before = self._fresh, tuple(self._said)
        found = await self._play(turns)
        if found is not None and not was_fresh:
            found = await self._again(before, turns)
        if found is None:
            # Beginnings are tried only where something is made shorter; before, they are many.
            ends = range(1, len(turns) + 1) if self.shortest else [len(turns)]
            self._known.update({turns[:end]: True for end in ends})
        return found is None

    async def _again(self, before: Turns, turns: Turns) -> Disagreement | None:
        """Holds a conversation again, on a fresh server; where it keeps all promises there, once
        more after those before it, as one conversation."""
        await self._restart()
        if (found := await self._play(turns)) is not None:
            return found
        self.once += 1
        if len(before) > MOST_TOGETHER:
            return None
        await self._restart()
        if (found := await self._play((*before, *turns))) is not None:
            self._known[turns] = False  # so that it is not held again
        return found

    async def _play(self, turns: Turns) -> Disagreement | None:
        """Holds the conversation on the server as it is. Keeps what broke a promise on a fresh
        one."""
        self.held += 1
        self.server.begin(f"search {self.held}", self.seed)
        was_fresh, self._fresh = self._fresh, False
        model = self.new_model("" if was_fresh else f"q{self.held}")
        if not was_fresh and self._former is not None:
            model.goes_on(self._former)
        found, self._former = await self._player.play(model, turns), model
        if found is None:
            self._said += [*turns, *(Turn(who, Act.LEAVES) for who in model.here)]
            self._be_patient(len(turns))
            return None
        self._spoilt = True
        broken = turns[: found.at + 1]
        if was_fresh:
            self._known[broken] = False
            if self.shortest is None or len(broken) <= len(self.shortest):
                self.shortest = broken
        return found

    def _be_patient(self, turns: int) -> None:
        """Waits from now on as long as this server needs."""
        if self.held * turns > TURNS_TO_KNOW:
            wanted = max(PATIENCE, QUICKLY * self._player.slowest)
            self._player.waits.patience = min(wanted, FIRST_PATIENCE)

    async def _restart(self) -> None:
        self.server.begin("a fresh server", self.seed)
        self.server.host.kill()
        self.server.host.start()
        await self.server.expect_listening()
        self._fresh, self._spoilt = True, False
        self._said.clear()
