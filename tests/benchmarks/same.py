"""A class graded alone, and again under eight busy loops: no verdict may differ.

The class has references and mutants of both labs, so that right and wrong servers of many
kinds are in it. What could not be judged under load is open, not wrong: it is counted apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from conformance.contract.catalog import load
from conformance.selfcheck.references import read_library
from conformance.verdict.model import Outcome

from .echo import must
from .faults import faulty_streams
from .grading import differences, grade
from .handed_in import (
    REFERENCES,
    Press,
    Program,
    echoes,
    lab,
    reference,
    streaming_lab,
    streams,
    take_turns,
)
from .machine import busy
from .streaming import ONE_STREAM
from .tables import Sizes, Table, say

USUAL = 40
"""Of each lab."""
LOOPS = 8


def run(sizes: Sizes, folder: Path) -> Iterator[Table]:
    size, loops = sizes.of(USUAL), sizes.busy(LOOPS)
    press = Press(folder / "press")
    rows = []
    for name, programs, said in (
        ("echo", of_echo(size), lab("echo", must())),
        ("streaming-time", of_streaming(size, sizes.lines), streaming_lab(sizes.lines, ONE_STREAM)),
    ):
        made = press.hand_in(programs, folder / name, said)
        say(f"same: {len(programs)} of {name}, alone")
        alone = grade(made, folder / f"{name}.alone", "--seed", "1")
        say(f"same: {len(programs)} of {name}, beside {loops} busy loops")
        with busy(loops):
            beside = grade(made, folder / f"{name}.loaded", "--seed", "1")
        differing = differences(alone.outcomes, beside.outcomes)
        unsure = [d for d in differing if Outcome.INCONCLUSIVE in d[2:]]
        for whose, clause, one, other in differing:
            program = programs[int(whose[0][1:]) - 1].name
            say(f"  {whose[0]} ({program}) {clause}: {one} alone, {other} under load")
        wrong = len(differing) - len(unsure)
        rows.append([
            name, f"{wrong} differ: {'yes' if not wrong else 'NO'}", str(len(unsure)),
            str(len(programs)), alone.found, beside.found,
            f"{alone.seconds:.0f} s", f"{beside.seconds:.0f} s",
        ])  # fmt: skip
    yield Table(
        f"The same class alone and beside {loops} busy loops",
        [
            *("lab", "same verdicts", "open in one of them", "submissions"),
            *("alone", "under load", "time alone", "under load"),
        ],
        rows,
    )


def of_echo(size: int) -> list[Program]:
    """References, then mutants of all kinds that fail a MUST clause."""
    library = read_library(REFERENCES, load(()), ["echo"])
    mutants = [
        reference(str((each.reference.path / each.file).relative_to(REFERENCES))).edited(
            each.old, each.new
        )
        for each in library.mutants
        if each.reference.path.suffix in (".py", ".java", ".js")
        and each.reference.variant == "echo"
        and set(each.fails) & set(must())
    ]
    half = max(1, size // 2)
    step = max(1, len(mutants) // half)
    return [*take_turns(echoes(), size - half), *mutants[step // 2 :: step][:half]]


def of_streaming(size: int, lines: int) -> list[Program]:
    """References, then servers that do not keep the cadence."""
    half = max(1, size // 2)
    faulty = [program for _, program in faulty_streams(lines)]
    return [*take_turns(streams(lines), size - half), *take_turns(faulty, half)]
