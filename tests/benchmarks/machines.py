"""A class graded on one machine, and on four workers, one of which is killed at a random moment:
no verdict and no points may differ, nor what a student's page says of them.

Who speaks first, the program or a client that does not wait, is a race on any machine. So the text
of a page is compared twice: as it is, and without the conversations; and one machine grades twice.

The class has references and mutants of echo, right and wrong servers of many kinds. What one of the
gradings could not judge is open, not wrong: it is counted apart. The workers are processes of this
machine and share its cores, so the times say nothing about four machines.
"""

from __future__ import annotations

import csv
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from conformance.verdict.model import Outcome

from .echo import must
from .grading import Graded, differences, grade
from .handed_in import Press, lab
from .same import of_echo
from .tables import Sizes, Table, say

USUAL = 200
WORKERS = 4
KILLS = 10
"""Gradings in which one worker is killed."""
LOOK_EVERY = 0.05
"""Seconds."""


def run(sizes: Sizes, folder: Path) -> Iterator[Table]:
    size = sizes.of(USUAL)
    programs = of_echo(size)
    made = Press(folder / "press").hand_in(programs, folder / "class", lab("echo", must()))
    say(f"machines: {len(programs)} of echo, on one machine")
    one = grade(made, folder / "one", "--seed", "1")
    say("machines: on one machine, again")
    again = grade(made, folder / "again", "--seed", "1")
    compared = _compared(one, folder / "one", again, folder / "again")
    rows = [["nothing, one machine again", *compared, f"{again.seconds:.0f} s"]]
    killers = [_Killer(number, one.seconds) for number in range(min(KILLS, size))]
    for killer in (None, *killers):
        name = "nothing" if killer is None else f"a worker, after {killer.after:.1f} s"
        say(f"machines: on {WORKERS} workers; killed: {name}")
        out = folder / ("four" if killer is None else f"killed-{killer.number}")
        on = ("--seed", "1", "--on", f"local:{WORKERS}")
        if killer is None:
            four = grade(made, out, *on)
        else:
            four = grade(made, out, *on, watch=killer.look, every=LOOK_EVERY)
            name = name if killer.killed else f"none: it had ended before {killer.after:.1f} s"
        rows.append([name, *_compared(one, folder / "one", four, out), f"{four.seconds:.0f} s"])
    yield Table(
        f"{len(programs)} echo servers on {WORKERS} workers, beside one machine"
        f" ({one.found}; {one.seconds:.0f} s)",
        ["killed", "same verdicts", "open in one", "same grades", "other pages",
         "other but for races", "time"],
        rows,
    )  # fmt: skip


def _compared(one: Graded, there: Path, four: Graded, out: Path) -> list[str]:
    differing = differences(one.outcomes, four.outcomes)
    unsure = [each for each in differing if Outcome.INCONCLUSIVE in each[2:]]
    for whose, clause, here, other in differing:
        say(f"  {whose[0]} {clause}: {here} on one machine, {other} on {WORKERS} workers")
    wrong = len(differing) - len(unsure)
    sheets = [_grades(folder) for folder in (there, out)]
    return [
        f"{wrong} differ: {'yes' if not wrong else 'NO'}",
        str(len(unsure)),
        "yes" if sheets[0] == sheets[1] else "NO",
        *_other_pages(there, out),
    ]


def _grades(out: Path) -> list[dict[str, str]]:
    """The rows of the class; without remarks, which may say how long the machine held one up."""
    with (out / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        return [{**row, "remarks": ""} for row in csv.DictReader(file)]


def _other_pages(there: Path, out: Path) -> Iterator[str]:
    """How many students read something else, but for times and ports; and but for races."""
    # As pytest finds it.
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from kit.same_gradings import without_numbers, without_races

    for read in (without_numbers, without_races):
        pages = [
            {file.name: read(file.read_text(encoding="utf-8"))
             for file in folder.glob("students/*.txt")}
            for folder in (there, out)
        ]  # fmt: skip
        other = sum(pages[0][name] != pages[1].get(name) for name in pages[0])
        yield f"{other} of {len(pages[0])}"


class _Killer:
    """Kills one of the workers of a grading, at a moment drawn from the time that it takes."""

    def __init__(self, number: int, seconds: float) -> None:
        self.number = number
        drawn = random.Random(number)
        self.after = drawn.uniform(0.1, 0.9) * seconds
        self.killed = False
        self._choice = drawn
        self._began = 0.0

    def look(self, pid: int, ended: int) -> None:
        self._began = self._began or time.monotonic()
        if self.killed or time.monotonic() - self._began < self.after:
            return
        children = psutil.Process(pid).children()
        workers = [each for each in children if "shard" in each.cmdline()]
        if workers:
            self._choice.choice(workers).kill()
            self.killed = True
