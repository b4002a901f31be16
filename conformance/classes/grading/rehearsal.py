"""The first step of a grading without the rest: what each hand-in is recognised as.

Nothing that was handed in is built or started, and only a scratch folder is written to.
"""

from __future__ import annotations

import os
import pickle
import selectors
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from conformance.classes.model import HandIn
from conformance.run.scratch import folder_for_a_part, scratch_folder
from conformance.session.forked import Forked, Tell, terminable
from conformance.submissions import Ambiguous, MissingTool, open_submission
from conformance.verdict.model import WrongCall

LOOKED_AT_WITHIN = 60.0
"""Seconds for copying or unpacking a hand-in and recognising it. Most take 0.1."""


@dataclass(frozen=True)
class Recognised:
    """What a hand-in was recognised as, before it is built."""

    kind: str = ""
    command: tuple[str, ...] = ()
    """The command that starts it; empty if only its build can tell."""
    build: tuple[tuple[str, ...], ...] = ()
    arguments: tuple[str, ...] | None = None
    """The arguments in its manifest; None: those of the class."""
    folder: str = "."
    lab: str = ""
    """The lab in its manifest; "" if it names none."""
    note: str = ""
    """How it was recognised, and which other programs it may be."""
    trouble: str = ""
    """Why it cannot be graded as it is; "" if it can."""
    open: bool = False
    """Whether the trouble may be the suite's or the machine's."""


Programs = Mapping[str, Sequence[str]]
"""By lab: the programs that a submission consists of, where it is several."""


def recognised(
    hand_ins: Sequence[HandIn], jobs: int = 0, programs: Programs | None = None
) -> dict[HandIn, Recognised]:
    """What each hand-in with a path is, looking at `jobs` at a time (0: as many as there are
    cores), each in its own process and for a bounded time."""
    known = programs or {}

    def key(hand_in: HandIn) -> tuple[object, ...]:
        return hand_in.path, hand_in.author, tuple(known.get(hand_in.lab, ()))

    with ExitStack() as last:
        last.enter_context(terminable())
        scratch = last.enter_context(scratch_folder())
        first = {key(h): h for h in hand_ins if h.path is not None}
        found = dict(_all(list(first.values()), scratch, jobs or os.cpu_count() or 1, known))
    return {h: found[first[key(h)]] for h in hand_ins if h.path is not None}


def _all(
    hand_ins: Sequence[HandIn], scratch: Path, jobs: int, programs: Programs
) -> Iterator[tuple[HandIn, Recognised]]:
    waiting = list(enumerate(hand_ins))[::-1]
    running: dict[int, _Look] = {}
    try:
        with selectors.DefaultSelector() as selector:
            while waiting or running:
                while waiting and len(running) < jobs:
                    number, hand_in = waiting.pop()
                    running[number] = _Look(hand_in, scratch / str(number), programs)
                    selector.register(running[number].process, selectors.EVENT_READ, number)
                first = min(look.deadline for look in running.values())
                selector.select(max(0.0, first - time.monotonic()))
                for number, look in list(running.items()):
                    if look.process.has_ended() or time.monotonic() >= look.deadline:
                        selector.unregister(look.process)
                        del running[number]
                        yield look.hand_in, look.end()
    finally:
        for look in running.values():
            look.end()


class _Look:
    def __init__(self, hand_in: HandIn, folder: Path, programs: Programs) -> None:
        self.hand_in = hand_in
        self.deadline = time.monotonic() + LOOKED_AT_WITHIN
        self._last = ExitStack()
        place = self._last.enter_context(folder_for_a_part(folder))
        self.process = Forked(partial(_look, hand_in, place, programs), place)

    def end(self) -> Recognised:
        with self._last:
            ended = self.process.has_ended()
            told = self.process.told()
            self.process.close()
        if told and ended:
            found = pickle.loads(told)  # written by our own process
            assert isinstance(found, Recognised)
            return found
        why = "its process ended early" if ended else f"not within {LOOKED_AT_WITHIN:g} s"
        return Recognised(trouble=f"it could not be recognised: {why}", open=True)


def _look(hand_in: HandIn, scratch: Path, programs: Programs, tell: Tell) -> None:
    assert hand_in.path is not None
    try:
        found = open_submission(
            hand_in.path,
            scratch / "look",
            name=hand_in.author,
            alone=True,
            roles=lambda lab: programs.get(hand_in.lab, ()),
        )
        told = Recognised(
            kind=found.kind,
            command=found.command,
            build=found.build,
            arguments=found.arguments,
            folder=found.folder,
            lab=found.lab or "",
            note="; ".join(filter(None, (found.note, found.doubt))),
        )
    except (Ambiguous, MissingTool) as open_:
        told = Recognised(trouble=str(open_), open=True)
    except WrongCall as wrong:
        told = Recognised(trouble=str(wrong))
    except Exception as error:
        told = Recognised(trouble=f"{type(error).__name__}: {error}", open=True)
    tell(pickle.dumps(told))
