"""Streaming servers under eight busy loops: none that conforms is accused, none that does not
keep the cadence passes, and next to nothing is left open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from conformance.verdict.model import Outcome

from .faults import faulty_streams
from .grading import Graded, grade
from .handed_in import Press, Program, author, streaming_lab, streams, take_turns
from .machine import busy
from .streaming import ONE_STREAM
from .tables import Sizes, Table, say

USUAL = 200
LOOPS = 8
OPEN = 40
"""Of so many faulty streams, one may be left open: a fault shows, whatever else runs."""


def run(sizes: Sizes, folder: Path) -> Iterator[Table]:
    size, loops, lines = sizes.of(USUAL), sizes.busy(LOOPS), sizes.lines
    press = Press(folder / "press")
    conforming = take_turns(streams(lines), size)
    kinds = faulty_streams(lines)
    faulty = [kinds[number % len(kinds)] for number in range(max(len(kinds), size // 5))]
    clauses = {clause for fault, _ in kinds for clause in [fault.clause]}

    pace = ["--jobs", str(max(2, size, len(faulty)))]
    pace += ["--starts", str(sizes.starts)] if sizes.starts else []

    def graded(name: str, programs: list[Program]) -> Graded:
        say(f"loaded: {len(programs)} {name} servers, {loops} busy loops")
        made = press.hand_in(programs, folder / name, streaming_lab(lines, ONE_STREAM))
        with busy(loops):
            return grade(made, folder / f"{name}.out", *pace)

    right = graded("conforming", conforming)
    wrong = graded("faulty", [program for _, program in faulty])
    found = {
        number: wrong.outcomes[author(number), "streaming-time"].get(fault.clause)
        for number, (fault, _) in enumerate(faulty)
    }
    rows = [_row("conforming", "all", right, right.count(Outcome.FAILED), "FAILED")]
    for fault in dict.fromkeys(fault for fault, _ in faulty):
        counts = Counter(found[n] for n, (each, _) in enumerate(faulty) if each is fault)
        passed = counts[Outcome.PASSED] + counts[None]
        rows.append([
            fault.name, f"{passed} PASSED: {'yes' if not passed else 'NO'}", fault.clause,
            str(counts.total()), _words(counts), "",
        ])  # fmt: skip
    assert clauses, "there are faults"
    undecided = sum(outcome is Outcome.INCONCLUSIVE for outcome in found.values())
    few = undecided * OPEN <= len(faulty)
    rows.append([
        "faulty", f"{undecided} left open: {'yes' if few else 'NO'}", ", ".join(sorted(clauses)),
        str(len(faulty)), _words(Counter(found.values())), f"{wrong.seconds:.0f} s",
    ])  # fmt: skip
    yield Table(
        f"Streaming servers beside {loops} busy loops",
        ["servers", "none of them wrongly judged", "clause", "how many", "outcomes", "wall time"],
        rows,
        [f"The faulty ones took {wrong.seconds:.0f} s, repeats included."],
    )


def _row(name: str, clause: str, graded: Graded, errors: int, what: str) -> list[str]:
    counts = Counter[Outcome | None](
        outcome for each in graded.outcomes.values() for outcome in each.values()
    )
    return [
        name,
        f"{errors} {what}: {'yes' if not errors else 'NO'}",
        clause,
        str(len(graded.outcomes)),
        _words(counts),
        f"{graded.seconds:.0f} s",
    ]


def _words(counts: Counter[Outcome | None]) -> str:
    return ", ".join(
        f"{n} {outcome.name if outcome else 'without a verdict'}" for outcome, n in counts.items()
    )
