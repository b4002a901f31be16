"""Streaming servers that do not keep the cadence, in three languages."""

from __future__ import annotations

from dataclasses import dataclass, field

from .handed_in import Program, streams

DUE = {
    "Python": "max(0, start + number * PERIOD - time.monotonic())",
    "Java": "start + number * PERIOD - System.nanoTime()",
    "Node": "start + sent * PERIOD - performance.now()",
}
"""How long a reference waits for its next line."""


@dataclass(frozen=True)
class Fault:
    """One mistake: what is waited for instead. `HALF` stands for the number of a
    line in the middle, `LATE` for 0.6 s in Java's nanoseconds."""

    name: str
    clause: str
    """Which it breaks."""
    waits: dict[str, str] = field(compare=False)


FAULTS = (
    Fault(
        "gaps of 1.4 s",
        "2.3",
        {
            "Python": "1.4 * PERIOD if number else 0",
            "Java": "number == 0 ? 0 : PERIOD * 14 / 10",
            "Node": "1.4 * PERIOD",
        },
    ),
    Fault(
        "drift of 5 %",
        "2.4",
        {
            "Python": "1.05 * PERIOD if number else 0",
            "Java": "number == 0 ? 0 : PERIOD * 105 / 100",
            "Node": "1.05 * PERIOD",
        },
    ),
    Fault(
        "drift of 4.2 %",
        "2.4",
        {
            "Python": "1.042 * PERIOD if number else 0",
            "Java": "number == 0 ? 0 : PERIOD * 1042 / 1000",
            "Node": "1.042 * PERIOD",
        },
    ),
    Fault(
        "two lines together",
        "2.3",
        {
            "Python": "max(0, start + (number + (number == HALF)) * PERIOD - time.monotonic())",
            "Java": "start + (number == HALF ? number + 1 : number) * PERIOD - System.nanoTime()",
            "Node": "start + (sent === HALF ? sent + 1 : sent) * PERIOD - performance.now()",
        },
    ),
    Fault(
        "one line late by 0.6 s",
        "2.3",
        {
            "Python": "max(0, start + number * PERIOD + 0.6 * (number == HALF) - time.monotonic())",
            "Java": "start + number * PERIOD + (number == HALF ? LATE : 0) - System.nanoTime()",
            "Node": "start + (sent === HALF ? sent + 0.6 : sent) * PERIOD - performance.now()",
        },
    ),
)


def faulty_streams(lines: int) -> list[tuple[Fault, Program]]:
    """Each fault in each language, the faults taking turns first."""
    by_language = {program.language: program for program in reversed(streams(lines))}
    return [
        (fault, program.edited(DUE[language], _waits(fault, language, lines)))
        for language, program in by_language.items()
        for fault in FAULTS
    ]


def _waits(fault: Fault, language: str, lines: int) -> str:
    waits = fault.waits[language].replace("LATE", "600_000_000L")
    return waits.replace("HALF", str(lines // 2))
