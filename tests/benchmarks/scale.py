"""A department: 2,000 students and eight labs, which are 16,000 hand-ins, with recorded results.

Programs are started only for a sample of echo servers, right and wrong ones: what these cost, and
what they told. From that, and from what the suite takes for a class of that size, the last table
reckons how long some machines would need.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from .grading import Graded, grade
from .handed_in import Press, echoes, lab, take_turns
from .machine import MIB
from .page import browser_started, opened
from .recorded import Took, took
from .tables import Sizes, Table, say, times

USUAL = 16_000
LABS = (
    *("echo", "echo-node", "echo-sequential", "presence", "presence-udp", "roulette"),
    *("roulette-1", "streaming-time"),
)
SAMPLE = 18
WRONG = 6
"""Of the sample, those with a fault."""
MACHINES = (1, 2, 5, 10, 20)
CORES = (2, 16)
HOUR = 3600.0


def run(sizes: Sizes, folder: Path) -> Iterator[Table]:
    size = sizes.of(USUAL)
    say(f"scale: a sample of {SAMPLE}")
    press, sample = Press(folder / "press"), take_turns(echoes(), SAMPLE)
    for number, program in enumerate(sample[:WRONG]):  # their prefix is another one
        quote = "'" if program.language == "Node" else '"'
        sample[number] = program.edited(f"PREFIX = {quote}> {quote}", f"PREFIX = {quote}>> {quote}")
    graded = grade(press.hand_in(sample, folder / "sample", lab("echo")), folder / "sample.out")
    runs = folder / "sample.out" / "runs"
    found = {}
    for part in (max(len(LABS), size // 4), size):
        students = max(1, part // len(LABS))
        say(f"scale: {students} students, {len(LABS)} labs")
        programs = take_turns(echoes()[:1], students)
        made = press.hand_in(programs, folder / f"class-{part}", *map(lab, LABS))
        out = folder / f"out-{part}"
        found[students * len(LABS)] = {
            "graded": took(runs, "grade", str(made), "--out", str(out)),
            "called again, nothing has changed": took(runs, "grade", str(made), "--out", str(out)),
            "all reports anew": took(runs, "report", str(out)),
            "each result read once": took(runs, "read", str(out)),
        }
    yield growth(sizes, found)
    yield from page(size // len(LABS), out / "index.html")
    yield hours(size, graded, found[max(found)]["graded"])


def growth(sizes: Sizes, found: dict[int, dict[str, Took]]) -> Table:
    few, many = min(found), max(found)
    rows = []
    for name, large in found[many].items():
        small = found[few][name]
        ratio = (large.cpu / many) / (small.cpu / few)
        rows.append([
            name,
            f"{large.seconds:.0f} s",
            f"{1000 * small.cpu / few:.1f} ms",
            f"{1000 * large.cpu / many:.1f} ms",
            times(ratio),
            sizes.target(USUAL, ratio, under=1.1),
            f"{small.peak / MIB:.0f} MiB",
            f"{large.peak / MIB:.0f} MiB",
            times(large.peak / small.peak),
        ])  # fmt: skip
    return Table(
        f"{many:,} hand-ins with recorded results, beside {few:,}",
        ["", "time", f"CPU each, of {few:,}", f"of {many:,}", "ratio", "target",
         f"memory, {few:,}", f"{many:,}", "ratio"],
        rows,
    )  # fmt: skip


def page(students: int, file: Path) -> Iterator[Table]:
    """How the page of the class opens; the middle one of three times counts."""
    say("scale: the page of the class")
    with browser_started() as browser:
        seconds = sorted(opened(browser, file) for _ in range(3))[1]
    size = file.stat().st_size / 1e6
    yield Table(
        "The page of that class, opened in Chromium",
        ["students × labs", "opened in", "size"],
        [[f"{students:,} × {len(LABS)}", f"{seconds:.2f} s", f"{size:.1f} MB"]],
    )


def hours(size: int, graded: Graded, recorded: Took) -> Table:
    """On paper: all cores of all machines are as busy as those of the sample's machine were; what
    one process does for all is a bound of its own."""
    each = (graded.ours + graded.servers) / SAMPLE
    one = recorded.cpu / size
    busy = min(1.0, (graded.ours + graded.servers) / (graded.seconds * (os.cpu_count() or 1)))
    rows = []
    for machines in MACHINES:
        row = [f"{machines}"]
        for cores in CORES:
            shared = size * each / (machines * cores * busy)
            alone = size * one / machines
            row.append(f"{max(shared, alone) / HOUR:.2f} h{' *' if alone > shared else ''}")
        rows.append(row)
    return Table(
        f"On paper: hours for {size:,} hand-ins",
        ["machines", *(f"of {cores} cores" for cores in CORES)],
        rows,
        [
            f"From {each:.2f} s of CPU for each hand-in (echo, all clauses, every third wrong;"
            f" ours and the servers'), with cores that were busy for {100 * busy:.0f} % of the"
            f" time, and {1000 * one:.0f} ms of it that one process of a machine does for all: *"
            " where that is the bound.",
        ],
    )
