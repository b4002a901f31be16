"""Streaming servers under eight busy loops: none that conforms is accused, none that does not
keep the cadence passes, and next to nothing is left open. And what a verdict costs beside four:
CPU time, since the wall time is the loops', too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from conformance.verdict.model import Outcome

from .echo import must
from .faults import faulty_streams
from .grading import Graded, grade
from .handed_in import (
    Press,
    Program,
    author,
    echoes,
    lab,
    streaming_lab,
    streams,
    take_turns,
)
from .machine import busy
from .streaming import ALL, ONE_STREAM
from .tables import Sizes, Table, say, times

USUAL = 200
LOOPS = 8
USUAL_COSTS, LOOPS_OF_COSTS = 50, 4
WITHIN = 1.15
"""By what factor fewer verdicts a CPU second there may be beside the loops."""
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

    yield costs(sizes, folder)


def costs(sizes: Sizes, folder: Path) -> Table:
    """Verdicts for each CPU second, ours and the servers', quiet and beside four busy loops: by
    turns, twice."""
    size, loops, lines = sizes.of(USUAL_COSTS), sizes.busy(LOOPS_OF_COSTS), sizes.lines
    press, rows = Press(folder / "press of costs"), []
    for name, programs, said in (
        ("echo, MUST clauses", echoes(), lab("echo", must())),
        ("streaming, clauses 1 and 2", streams(lines), streaming_lab(lines, ALL)),
    ):
        made = press.hand_in(take_turns(programs, size), folder / name, said)
        found: dict[int, list[Graded]] = {0: [], loops: []}
        for turn in range(2):
            for beside, before in found.items():
                say(f"loaded: {size} of {name}, {beside} busy loops")
                with busy(beside):
                    before.append(grade(made, folder / f"{name}.{turn}.{beside}"))
        quiet, loaded = (_verdicts_a_second(each) for each in found.values())
        rows.append([
            name, times(quiet / loaded), sizes.target(USUAL_COSTS, quiet / loaded, under=WITHIN),
            f"{quiet:.1f}", f"{loaded:.1f}",
            *(f"{sum(g.seconds for g in each):.0f} s" for each in found.values()),
            "; ".join(g.found for g in found[loops]),
        ])  # fmt: skip
    return Table(
        f"Verdicts a CPU second, {size} servers, quiet and beside {loops} busy loops",
        [
            *("", "quiet / beside", "target", "quiet", "beside"),
            *("wall time quiet", "beside", "outcomes beside"),
        ],
        rows,
    )


def _verdicts_a_second(graded: list[Graded]) -> float:
    """Of several gradings. What could not be judged is no verdict."""
    verdicts = sum(
        each.count(outcome) for each in graded for outcome in (Outcome.PASSED, Outcome.FAILED)
    )
    return verdicts / sum(each.ours + each.servers for each in graded)


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
