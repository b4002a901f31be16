"""One hand-in of a class, from its file to its last verdict.

It is taken in and built in a process of its own, because that is at the mercy of what was
handed in: an archive, a source, a build. What comes of it is judged by an engine of the
grading's own process, which forks the sessions: a hundred of them share one parent.
"""

from __future__ import annotations

import contextlib
import pickle
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from conformance.contract.catalog import Catalog
from conformance.run.check import LONGEST, describe
from conformance.run.engine import Engine, is_told
from conformance.run.prepare import Prepared, Request, chosen, of_machine, prepare
from conformance.run.scratch import folder_for_a_part
from conformance.run.turnstile import Paced, Word
from conformance.sandbox import Isolation
from conformance.session.forked import NO_ROOM, Forked, Tell
from conformance.verdict.events import Event, judged, noted, run_began, run_ended
from conformance.verdict.model import WrongCall


@dataclass(frozen=True)
class Refused:
    """Why there is nothing to judge. Can be sent from one process to another."""

    why: str
    by_hand_in: bool = False
    """What was handed in could not be taken, or recognised: so it will be the next time."""


class Judging:
    """One hand-in under way. `close` ends it, with all that it started."""

    def __init__(
        self,
        request: Request,
        catalog: Catalog,
        isolation: Isolation,
        scratch: Path,
        say: Callable[[Word], bool],
        wake: Callable[[Forked | Engine | None], None],
    ) -> None:
        """Asks at once whether it may build, by `say`: `Pacer.hear`. `wake` is told what
        becomes readable when there is something to do, until it is told of something else,
        or of nothing. `scratch` becomes a folder for it. Raises OSError."""
        self._request = request
        self._catalog = catalog
        self._isolation = isolation
        self._say = say
        self._wake = wake
        self._turnstile = Paced(say)
        self._folder = contextlib.ExitStack()
        self._scratch = self._folder.enter_context(folder_for_a_part(scratch))
        self._taking_in: Forked | None = None
        self._engine: Engine | None = None
        self._wanted: frozenset[str] = frozenset()
        self._began = time.monotonic()
        self.deadline = self._began + LONGEST
        self.ended = False
        say(Word.ASK_BUILD)

    def let_pass(self) -> None:
        """The pacer grants what it has asked for. Raises OSError: there is no room to take it
        in, though nothing else goes on."""
        if self._engine is not None:
            self._turnstile.let_pass()
            return
        try:
            self._taking_in = Forked(self._take_in, self._scratch)
        except OSError as error:
            if error.errno not in NO_ROOM or not self._say(Word.REFUSED):
                raise
            self._say(Word.ASK_BUILD)
        else:
            self._wake(self._taking_in)

    def step(self) -> list[Event]:
        """Goes on as far as it can without waiting; what has happened since the last call.
        To be called when it was let pass, when that is readable of which `wake` was told, and
        at least once a second. Trouble is an event, too: the last one, and nothing that costs
        anybody a point; `refused` says that what was handed in could not be started."""
        try:
            return [*self._step()]
        except WrongCall as wrong:
            return [self._trouble(Refused(str(wrong)))]
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            told = f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"
            return [self._trouble(Refused(told))]

    def close(self) -> None:
        """Ends it where it has not ended; waits until nothing of it is left."""
        self._wake(None)
        with self._folder:
            if self._taking_in is not None:
                self._taking_in.close()
                self._taking_in = None
            if self._engine is not None:
                self._engine.close()
                self._engine = None

    def _step(self) -> Iterator[Event]:
        if self._taking_in is not None and self._taking_in.has_ended():
            yield from self._begin(self._taking_in)
        if self._engine is None:
            return
        for verdict in self._engine.step(0):
            yield from map(noted, self._engine.take_notes())
            if is_told(verdict, self._wanted):
                yield judged(verdict)
        if not self._engine.busy:
            self.ended = True
            yield run_ended(time.monotonic() - self._began, interrupted=False)

    # -- taking in ----------------------------------------------------------------

    def _take_in(self, tell: Tell) -> None:
        """In a process of its own: both ends of its pipe are ours."""
        told: Prepared | Refused
        try:
            told = Prepared.of(
                prepare(self._request, self._catalog, self._isolation, self._scratch)
            )
        except WrongCall as wrong:
            told = Refused(str(wrong), by_hand_in=not of_machine(wrong))
        except BaseException as error:
            told = Refused(f"{type(error).__name__}: {error}")
        tell(pickle.dumps(told))

    def _begin(self, taking_in: Forked) -> Iterator[Event]:
        """It is taken in: an engine goes on from here."""
        self._wake(None)
        self._taking_in = None
        told = taking_in.told()
        taking_in.close()
        self._say(Word.STARTED)
        self._say(Word.ENDED)
        prepared = pickle.loads(told) if told else Refused("its process ended early")
        if isinstance(prepared, Refused):
            yield self._trouble(prepared)
            return
        plan = prepared.plan(self._request, self._catalog, self._isolation, self._scratch)
        plan, scenarios = chosen(self._request, plan)
        self._wanted = frozenset(scenario.clause.number for scenario in scenarios)
        self._engine = Engine(plan, self._turnstile)
        self._engine.want(scenarios)
        self._wake(self._engine)
        yield run_began(describe(plan))

    def _trouble(self, refused: Refused) -> Event:
        self.ended = True
        return {"event": "trouble", "text": refused.why, "refused": refused.by_hand_in}
