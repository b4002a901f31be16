"""Streams made by hand, and the questions about them, without sockets or waiting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from conformance.labs.streaming_time.stream import Stream
from conformance.verdict.model import Parameters
from conformance.verdict.violation import Kind, NotJudged, Violation

BEGAN = datetime(2026, 11, 22, 13, 20, 28, 200_000, UTC).timestamp()
FORM = "{'time' : '<date>'}"
PARAMETERS = Parameters({"lines": 15, "period": 1.0, "tolerance": 0.25, "form": FORM})


def date(at: float, form: str = "%a %b %d %H:%M:%S UTC %Y") -> str:
    return datetime.fromtimestamp(at, UTC).strftime(form)


def stream(after: Sequence[float], form: str = FORM, closed: float | None = 14.01) -> Stream:
    """A stream whose lines arrive so many seconds after the connection."""
    times = tuple(BEGAN + seconds for seconds in after)
    lines = tuple(form.replace("<date>", date(at)) for at in times)
    return Stream(
        parameters=PARAMETERS,
        zone="Etc/GMT-9",
        connected=BEGAN,
        lines=lines,
        rest="",
        told=lines,
        times=times,
        closed=None if closed is None else BEGAN + closed,
        gone="",
        left=BEGAN + (closed if closed is not None else 25.0),
    )


def every(period: float, count: int = 15, first: float = 0.01) -> list[float]:
    return [first + period * number for number in range(count)]


QUESTIONS: dict[str, Callable[[Stream], Violation | None]] = {
    "2.1": lambda heard: heard.first_line(1.5),
    "2.2": Stream.whole_lines,
    "2.3": Stream.rhythm,
    "2.4": Stream.steadiness,
    "2.5": Stream.number_of_lines,
    "2.6": Stream.hanging_up,
    "2.7": Stream.right_time,
}


def judged(heard: Stream) -> dict[str, Kind | tuple[str, Kind]]:
    """By clause, the faults of a stream: the kind; or the clause that pays, and the kind by which
    that must have failed."""
    found: dict[str, Kind | tuple[str, Kind]] = {}
    for number, ask in QUESTIONS.items():
        try:
            if wrong := ask(heard):
                found[number] = wrong.kind
        except NotJudged as why:
            found[number] = why.clause, why.kind
    return found


def paid(heard: Stream) -> dict[str, Kind | tuple[str, Kind]]:
    """The same, after checking that each clause which is said to pay really fails."""
    found = judged(heard)
    for why in found.values():
        if isinstance(why, tuple):
            clause, kind = why
            payer = found[clause]
            assert isinstance(payer, Kind), f"{clause} is said to pay, and does not fail"
            assert payer.explains(kind)
    return found
