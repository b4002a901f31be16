"""A class graded at once, and in parts that are then merged: no verdict may differ, and what the
division and the merge take beside the grading. The parts are graded one after another here, so
that each has the whole machine, as it has elsewhere.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from conformance.classes.results.ledger import Ledger

from .echo import must
from .grading import JUDGED, REPOSITORY, Graded, differences, grade, outcomes
from .handed_in import Press, lab
from .same import of_echo
from .tables import Sizes, Table, say, times

USUAL = 200
PARTS = 4


def run(sizes: Sizes, folder: Path) -> Iterator[Table]:
    size = sizes.of(USUAL)
    made = Press(folder / "press").hand_in(of_echo(size), folder / "class", lab("echo", must()))
    say(f"parts: {size} submissions at once")
    whole = grade(made, folder / "whole", "--seed", "1")
    places = [folder / f"part{number}" for number in range(1, PARTS + 1)]
    graded = []
    for number, place in enumerate(places, 1):
        say(f"parts: part {number} of {PARTS}")
        graded.append(grade(made, place, "--seed", "1", "--part", f"{number}/{PARTS}"))
    out = folder / "merged"
    merging = merged(places, out)
    found = outcomes(out)
    differing = differences(whole.outcomes, found)
    for whose, clause, one, other in differing:
        say(f"  {whose[0]} {clause}: {one} at once, {other} in parts")
    in_all = sum(each.seconds for each in graded)
    yield Table(
        f"{size} echo servers, right and wrong, MUST clauses: at once, and in {PARTS} parts",
        ["", "time", "of all at once", "hand-ins", "verdicts"],
        [
            ["at once", f"{whole.seconds:.1f} s", "", str(size), whole.found],
            *(
                [
                    f"part {number}", f"{part.seconds:.1f} s",
                    times(part.seconds / whole.seconds), str(judged(part)), part.found,
                ]
                for number, part in enumerate(graded, 1)
            ),
            ["all parts", f"{in_all:.1f} s", times(in_all / whole.seconds), str(size), ""],
            [
                "merge", f"{merging:.2f} s", times(merging / whole.seconds),
                str(runs(out)), Graded(outcomes=found).found,
            ],
        ],
        [f"Of {sum(map(len, found.values()))} verdicts {len(differing)} differ."],
    )  # fmt: skip


def merged(parts: list[Path], out: Path) -> float:
    """Merges the parts, and returns the seconds that it took."""
    began = time.monotonic()
    call = [sys.executable, "-m", "conformance", "merge", *map(str, parts), "--out", str(out)]
    done = subprocess.run(call, cwd=REPOSITORY, stdout=subprocess.DEVNULL, check=False)
    assert done.returncode in JUDGED, f"the merge ended with {done.returncode}"
    return time.monotonic() - began


def judged(part: Graded) -> int:
    """How many hand-ins have verdicts."""
    return sum(bool(each) for each in part.outcomes.values())


def runs(out: Path) -> int:
    """How many hand-ins of a class have a run that counts."""
    ledger = Ledger(out)
    return sum(ledger.is_current(hand_in) for hand_in in ledger.of.hand_ins)
