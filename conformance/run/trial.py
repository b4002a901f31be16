"""Checks held beside one another: each in a forked process, which pipes back its events."""

from __future__ import annotations

import contextlib
import selectors
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

from conformance.contract.catalog import Catalog
from conformance.run.check import LONGEST, check
from conformance.run.prepare import Request
from conformance.run.scratch import scratch_folder
from conformance.sandbox import Isolation
from conformance.session.forked import Forked, Tell
from conformance.verdict.events import Event, from_lines, replay, to_line
from conformance.verdict.model import Run, WrongCall


@dataclass(frozen=True)
class Held:
    """What became of one check."""

    run: Run | None
    trouble: str = ""
    """Why there is no run."""


class Trial:
    """One check under way. `close` ends it, with all that it started."""

    def __init__(self, request: Request, catalog: Catalog, isolation: Isolation) -> None:
        self._folder = contextlib.ExitStack()
        scratch = self._folder.enter_context(scratch_folder())
        self.deadline = time.monotonic() + LONGEST
        self._forked = Forked(lambda tell: _hold(request, catalog, isolation, tell), scratch)

    def fileno(self) -> int:
        return self._forked.fileno()

    def has_ended(self) -> bool:
        """Reads what it has told; whether it has told everything."""
        return self._forked.has_ended()

    def held(self) -> Held:
        """What it has told, once it has ended."""
        try:
            events = list(from_lines(self._forked.told().decode("ascii").splitlines()))
            troubles = [event["text"] for event in events if event["event"] == "trouble"]
            run = replay(event for event in events if event["event"] != "trouble")
        except WrongCall:
            return Held(None, troubles[0] if troubles else "its process ended early")
        if troubles or run.interrupted:
            return Held(None, troubles[0] if troubles else "it was interrupted")
        return Held(run)

    def close(self) -> None:
        """Interrupts it where it has not ended; waits until nothing of it is left."""
        self._forked.close()
        self._folder.close()


def _hold(request: Request, catalog: Catalog, isolation: Isolation, tell: Tell) -> None:
    """In a process of its own."""

    def tell_event(event: Event) -> None:
        tell(to_line(event).encode("ascii"))

    try:
        check(request, catalog, isolation, events=tell_event)
    except WrongCall as wrong:
        tell_event({"event": "trouble", "text": str(wrong)})
    except BaseException as error:
        with contextlib.suppress(OSError):
            tell_event({"event": "trouble", "text": f"{type(error).__name__}: {error}"})


def hold_all(
    starts: Iterator[Callable[[], Trial]], jobs: int
) -> Generator[tuple[int, Held], None, None]:
    """Starts trials, at most `jobs` at a time; yields the number of each as it ends, and
    what became of it. Ends all that is under way when it is closed or interrupted."""
    waiting = enumerate(starts)
    selector = selectors.DefaultSelector()
    running: dict[Trial, int] = {}
    try:
        while True:
            while len(running) < jobs and (following := next(waiting, None)):
                trial = following[1]()
                running[trial] = following[0]
                selector.register(trial, selectors.EVENT_READ, trial)
            if not running:
                return
            ready = [key.data for key, _ in selector.select(1.0)]
            for trial in list(running):
                late = time.monotonic() > trial.deadline
                if not late and not (trial in ready and trial.has_ended()):
                    continue
                selector.unregister(trial)
                number = running.pop(trial)
                trial.close()
                yield number, Held(None, "it did not end in time") if late else trial.held()
    finally:
        for trial in running:
            trial.close()
        selector.close()
